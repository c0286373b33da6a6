using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <content>
/// Going on where the replica stands, without a list. What is known counts for nothing until the source has shown that it
/// still has the same history and that nothing is missing:
/// <list type="bullet">
/// <item><b>Overlap</b>: the watch starts at the last known change and not behind it, and must deliver that change first. A compaction
/// beyond it is an explicit error; a deletion that the compaction took away, a wiped or a forked etcd deliver something else.</item>
/// <item><b>Probe</b>, when that revision is compacted: the watch starts behind the revision L up to which all is known, and a key that
/// was held then is read as of L. If that can still be read, nothing after L was compacted, so nothing can have been missed.</item>
/// </list>
/// </content>
public sealed partial class SourceReplica
{
    // The changes that the watch has not shown yet, by the range they are of; empty and null: there is nothing to prove.
    private readonly List<(IReadOnlyList<ResourceKind> Kinds, SourceAnchor Change)> _unshown = [];

    private SourceProbe? _probeAgain;

    private long _configReadAt;

    // Up to here the watch repeats what is known since a resume, and must not contradict it.
    private long _replayedTo;

    /// <summary>A resume has begun, and the source has not shown yet that it may be trusted.</summary>
    public bool IsProving { get; private set; }

    /// <summary>
    /// The key to read for the proof of a resume by <see cref="BeginProbe"/>, before the watch is read further; null if nothing is
    /// to be read. It comes back once, when the watch has delivered: a compaction may have come between the first answer and the watch.
    /// </summary>
    public SourceProbe? Probe { get; private set; }

    /// <summary>
    /// Goes on by overlap after a reconnection or a restart. Nothing counts as synced until <see cref="Apply"/> has been given what
    /// the watch has to show.
    /// </summary>
    /// <returns>
    /// Where each watch has to start; null if only <see cref="BeginResync"/> will do: the replica is not complete or knows of
    /// no change, the config is another one, or the source is another etcd or has fallen back.
    /// </returns>
    public IReadOnlyList<WatchStart>? BeginResume(ulong etcdClusterId, long revision, SourceEntry configEntry)
    {
        if (!CanGoOn(etcdClusterId, revision, configEntry) || Changes().Max(range => range.Change?.Revision) is not { } last)
        {
            return null;
        }

        BeginProving(revision, configEntry);
        var starts = new List<WatchStart>();
        foreach (var (range, kinds, change) in Changes())
        {
            if (change is not null)
            {
                _unshown.Add((kinds, change));
            }

            // A range that never held anything: the other ranges prove the history up to their last change, as the store is one.
            starts.Add(new(range, change?.Revision ?? Math.Min(last, CompleteTo(kinds)) + 1));
        }

        return [.. starts, .. Rest(revision)];
    }

    /// <summary>
    /// Goes on after what the overlap needs was compacted. Nothing counts as synced until <see cref="Probe"/> has been read and
    /// <see cref="TakeProbe"/> has been told, not before the watch is open: compaction moves forward only, so a check after
    /// the start is a check of the start.
    /// </summary>
    /// <returns>As <see cref="BeginResume"/>.</returns>
    public IReadOnlyList<WatchStart>? BeginProbe(ulong etcdClusterId, long revision, SourceEntry configEntry)
    {
        if (!CanGoOn(etcdClusterId, revision, configEntry) || FindProbe() is not { } probe)
        {
            return null;
        }

        BeginProving(revision, configEntry);
        Probe = probe;
        return [.. Layout!.DataRanges.Select(data => new WatchStart(data.Range, CompleteTo(data.Kinds) + 1)), .. Rest(revision)];
    }

    /// <summary>
    /// Takes the answer to <see cref="Probe"/>, a list of exactly its key at its revision. True: the resume is proved, and the first time a
    /// delta says so. False: list again.
    /// </summary>
    public bool TakeProbe(SourcePage page, long readTimestamp, out ClusterDelta? proof)
    {
        var probe = Probe ?? throw new InvalidOperationException($"{Cluster}: there is no probe");
        (Probe, proof) = (null, null);
        if (page.Entries is not [var entry]
            || SourceFingerprint.Of(probe.MeshKey, entry.Value, entry.ModRevision, entry.CreateRevision) != probe.Fingerprint)
        {
            _history.Contradict($"{probe.MeshKey} was not there as it was known at {probe.Revision}");
            return false;
        }

        if (IsProving)
        {
            (proof, _probeAgain) = (Proved([], readTimestamp), probe);
        }

        return true;
    }

    private bool CanGoOn(ulong etcdClusterId, long revision, SourceEntry configEntry) =>
        _position is { } position && !_resyncing && _listing is null && _history.Break is null && Layout is { } layout
        && etcdClusterId == _history.EtcdClusterId && revision >= _history.Revision
        && configEntry.ModRevision >= _configEntry.ModRevision && configEntry.Value.AsSpan().SequenceEqual(_configEntry.Value)
        && layout.Resources.All(kind => Of(kind).IsSynced && Of(kind).Epoch == position.Epoch);

    private void BeginProving(long revision, SourceEntry configEntry)
    {
        (_configEntry, _configReadAt) = (configEntry, revision);
        _unshown.Clear();
        (Probe, _probeAgain) = (null, null);
        _replayedTo = Layout!.Resources.Max(kind => Of(kind).CompletedTo);
        _history.Reach(revision);
        IsProving = true;
        foreach (var resource in _resources)
        {
            resource.IsProved = false;
        }
    }

    // What the watch shows may be trusted from here on.
    private ClusterDelta Proved(List<MeshChange> changes, long readTimestamp)
    {
        IsProving = false;
        foreach (var resource in _resources)
        {
            resource.IsProved = true;
        }

        // The same config, maybe written again meanwhile: then its revisions are news.
        var config = new List<MeshChange>();
        _config.BeginList();
        _config.Stage(string.Empty, _configEntry);
        _config.EndList(_position!.Value.Epoch, _configReadAt, config, config);
        return new(Cluster, Position!.Value, [.. config, .. changes], [.. _resources.Select(resource => resource.Kind)], null, readTimestamp);
    }

    private void EndProving()
    {
        _unshown.Clear();
        (IsProving, Probe, _probeAgain, _replayedTo) = (false, null, null, 0);
    }

    /// <summary>
    /// Why the batch cannot follow from what is known; null if it does. Changes nothing but the history's verdict, as the lists that have
    /// to follow may not see it.
    /// </summary>
    private string? FindDoubt(SourceBatch batch)
    {
        if (batch.Events.Count == 0)
        {
            return _unshown.Count == 0 ? null : $"the watch is said to be complete up to {batch.Revision} without the changes that were there";
        }

        if (!IsProving && batch.Events[0].ModRevision > _replayedTo)
        {
            return null;
        }

        List<(MeshKey Key, SourceEvent Event)> events = [];
        foreach (var change in batch.Events)
        {
            if (Layout!.TryMap(change.Key, out var key))
            {
                events.Add((key, change));
            }
        }

        foreach (var (kinds, expected) in _unshown)
        {
            List<(MeshKey Key, SourceEvent Event)> ofRange = [.. events.Where(change => kinds.Contains(change.Key.Kind))];
            if (ofRange.Count > 0 && FindMissing(kinds, expected, ofRange) is { } missing)
            {
                return missing;
            }
        }

        _unshown.RemoveAll(range =>
        {
            var shown = events.Any(change => range.Kinds.Contains(change.Key.Kind));
            foreach (var kind in shown ? range.Kinds : [])
            {
                Of(kind).IsProved = true;
            }

            return shown;
        });
        foreach (var (key, change) in events)
        {
            if (change.ModRevision <= _replayedTo && Of(key.Kind).Contradicts(key.Name, change, out var anotherHistory))
            {
                var doubt = $"the watch says that {key} was {(change.IsDelete ? "deleted" : "put")} at {change.ModRevision}, which is not so here";
                if (anotherHistory)
                {
                    _history.Contradict(doubt);
                }

                return doubt;
            }
        }

        return null;
    }

    private string? FindMissing(
        IReadOnlyList<ResourceKind> kinds, SourceAnchor expected, List<(MeshKey Key, SourceEvent Event)> events)
    {
        var shown = events
            .Where(change => change.Event.ModRevision == expected.Revision)
            .Select(change => SourceFingerprint.Of(change.Key, change.Event.Value, change.Event.ModRevision, change.Event.CreateRevision))
            .ToHashSet();
        List<ulong> missing = [.. expected.Events.Where(change => !shown.Contains(change))];
        if (missing.Count == 0)
        {
            return null;
        }

        // A compaction can take a deletion away, never a key that is still there.
        var doubt = $"the watch from {expected.Revision} does not begin with the change that was there";
        if (kinds.Any(kind => Of(kind).HoldsAny(missing, expected.Revision)))
        {
            _history.Contradict(doubt);
        }

        return doubt;
    }

    // The newest key that is known to have been there: the further back, the more histories share it.
    private SourceProbe? FindProbe()
    {
        var revision = Layout!.Resources.Min(kind => Of(kind).CompletedTo);
        var (key, fingerprint, _) = Layout.Resources
            .Select(kind => Of(kind).FindLast(revision))
            .MaxBy(last => last.ModRevision);
        return fingerprint == 0 ? null : new(Layout.RangeOf(key.Kind).Start + key.Name, revision, key, fingerprint);
    }

    // What the last change of each range of data was; null where nothing is known to have ever changed.
    private IEnumerable<(SourceRange Range, IReadOnlyList<ResourceKind> Kinds, SourceAnchor? Change)> Changes() =>
        from data in Layout!.DataRanges
        let changes = data.Kinds.Select(kind => Of(kind).LastChange).OfType<SourceAnchor>().ToList()
        let last = changes.Count == 0 ? 0 : changes.Max(change => change.Revision)
        select (data.Range, data.Kinds, last == 0
            ? null
            : new SourceAnchor(last, [.. changes.Where(change => change.Revision == last).SelectMany(change => change.Events)]));

    // The config has just been read, and every canary has been seen: these ranges have nothing to prove.
    private IEnumerable<WatchStart> Rest(long revision) =>
        Layout!.WatchRanges.Skip(Layout.DataRanges.Count).Select(range => new WatchStart(range, revision + 1));

    private long CompleteTo(IReadOnlyList<ResourceKind> kinds) => kinds.Min(kind => Of(kind).CompletedTo);
}
