using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Cache;

/// <summary>
/// One cluster's content. The cache's writer changes it and writes what changed into the ring; any thread takes
/// snapshots and diffs.
/// </summary>
/// <remarks>
/// The lock makes a group one step: the writer holds it while it applies one, a reader while it copies references, so a
/// snapshot stands between two groups and carries the seq up to which it holds everything. What is expensive, the
/// encoding, happens outside, once for all who ask while a chunk is unchanged.
/// </remarks>
internal sealed class CachedCluster
{
    private readonly Lock _lock = new();
    private readonly ClusterName _name;
    private readonly uint _index;
    private readonly MeshCacheOptions _options;
    private readonly SortedDictionary<ResourceKind, CachedResource> _resources = [];
    private readonly ChangeIndex _changes;
    private readonly PositionHistory _history = new();
    private readonly Func<MeshKey, long> _seqOf;
    private int _epoch;
    private MeshClusterView _view;

    public CachedCluster(ClusterName name, uint index, long firstSeq, MeshCacheOptions options)
    {
        (_name, _index, _options) = (name, index, options);
        _changes = new(options.Tombstones);
        _seqOf = key => TryGet(key, out var entry) ? entry.Seq : 0;
        _view = new(name, index, default, firstSeq, 0, 0, []) { FirstSeq = firstSeq };
    }

    public MeshClusterView View => Volatile.Read(ref _view);

    public ClusterSnapshot Snapshot()
    {
        lock (_lock)
        {
            var chunks = new List<SnapshotChunk>();
            foreach (var resource in _resources.Values)
            {
                resource.AddChunks(_index, _epoch, _options.SnapshotChunkBytes, chunks);
            }

            return new(_view, chunks);
        }
    }

    /// <summary>What changed since a reader stood at a seq; null if that cannot be said, or is so much that a snapshot is cheaper.</summary>
    public ClusterDiff? Diff(long since, ResourceSet resources)
    {
        lock (_lock)
        {
            // Of a whole snapshot the bytes are shared, so a diff has to be clearly smaller.
            if (since < _view.FirstSeq || since < _changes.Horizon || _changes.CountAfter(since) > (_view.Keys / 2) + _options.Tombstones)
            {
                return null;
            }

            var changed = _changes.After(since, _seqOf).Where(change => resources.Contains(change.Key.Kind)).ToList();
            List<MeshChange> records =
            [
                .. changed.Where(change => change.Deleted is null).Select(change => Put(change.Key)).OrderBy(change => change.Key.Kind),
                .. changed.Where(change => change.Deleted is not null).Select(Delete).OrderByDescending(change => change.Key.Kind),
            ];
            return new(_view, records, _view.EpochSeq > since);
        }

        MeshChange Delete((MeshKey Key, Tombstone? Deleted) change) =>
            new(change.Key, null, change.Deleted!.Value.Epoch == _epoch ? change.Deleted.Value.Revision : 0, 0);
    }

    /// <summary>Where a subscriber with this token stands in the log; null if that cannot be said.</summary>
    public ResumePoint? Resume(in ResumeToken token, ResourceSet resources)
    {
        lock (_lock)
        {
            return _history.Find(token, resources, _view);
        }
    }

    public IReadOnlyList<MeshChange> Entries()
    {
        lock (_lock)
        {
            return [.. _resources.Values.SelectMany(resource => resource.Entries.Keys.Select(name => Put(new(resource.Kind, name))))];
        }
    }

    /// <summary>Applies a group and appends to the ring what it changes, without publishing it.</summary>
    public void Apply(ClusterDelta delta, DeltaRing ring)
    {
        lock (_lock)
        {
            var begin = ring.NextSeq;
            var isNewEpoch = BeginEpoch(delta, ring);
            var complete = isNewEpoch ? [] : _view.Synced;
            var recorded = false;
            foreach (var change in delta.Changes)
            {
                recorded |= Apply(change, delta, ring);
            }

            // A resource that is first called complete in an epoch has all its keys in the group: what earlier epochs left is
            // gone at the source. A replica that was lost with its memory does not know it, so nobody else could delete it.
            List<ResourceKind> synced = [.. delta.NewlySynced.Except(complete)];
            foreach (var stale in synced.OrderDescending().SelectMany(LeftFromEarlierEpochs).ToList())
            {
                recorded |= Apply(new(stale, null, delta.Position.Revision, 0), delta, ring);
            }

            if (recorded)
            {
                ring.EndGroup();
            }

            if (synced.Count > 0)
            {
                ring.AppendMark(
                    MarkEncoding.Synced(_index, synced, ring.NextSeq, delta.Position.Revision), _index, delta.ReadTimestamp);
            }

            var changed = ring.NextSeq != begin;
            var keys = _resources.Values.Sum(resource => resource.Count);
            _changes.Tidy(_seqOf, keys);
            Volatile.Write(ref _view, _view with
            {
                Position = delta.Position,
                Seq = changed ? ring.NextSeq - 1 : _view.Seq,
                Keys = keys,
                Bytes = _resources.Values.Sum(resource => resource.Bytes),
                Synced = synced.Count > 0 ? [.. complete.Concat(synced).Order()] : complete,
                EpochSeq = isNewEpoch ? begin : _view.EpochSeq,
                SyncedSeq = synced.Count > 0 ? ring.NextSeq - 1 : isNewEpoch ? begin : _view.SyncedSeq,
                Digests = recorded ? new(_resources.Values.Select(resource => (resource.Kind, resource.Digest))) : _view.Digests,
            });
            _history.Add(_view);
        }
    }

    private bool BeginEpoch(ClusterDelta delta, DeltaRing ring)
    {
        if (delta.Position.Epoch == _view.Position.Epoch)
        {
            return false;
        }

        var reason = delta.EpochReason ?? "first seen";
        var frame = MarkEncoding.EpochChange(_name, _index, _view.Position.Epoch, delta.Position.Epoch, reason, ring.NextSeq);
        ring.AppendMark(frame, _index, delta.ReadTimestamp);
        _epoch++;
        foreach (var resource in _resources.Values)
        {
            // The revisions of what is held mean nothing any more.
            resource.ForgetAll();
        }

        return true;
    }

    // True if it was written to the ring.
    private bool Apply(in MeshChange change, ClusterDelta delta, DeltaRing ring)
    {
        if (!_resources.TryGetValue(change.Key.Kind, out var resource))
        {
            _resources[change.Key.Kind] = resource = new(change.Key.Kind);
        }

        var held = resource.TryGet(change.Key.Name, out var entry);
        if (change.Value is not { } value)
        {
            if (!held)
            {
                return false;
            }

            resource.Remove(change.Key, entry);
            _changes.Delete(change.Key, ring.NextSeq, change.Revision, _epoch, _view.Keys);
        }
        else
        {
            var sameValue = held && (ReferenceEquals(entry.Value, value) || entry.Value.AsSpan().SequenceEqual(value));
            var sameRevisions = held && (entry.Revision, entry.CreateRevision, entry.Epoch) == (change.Revision, change.CreateRevision, _epoch);
            if (sameValue && sameRevisions)
            {
                return false;
            }

            var confirms = sameValue && entry.Epoch != _epoch;
            var hash = NameHash.Of(change.Key);
            resource.Put(
                change.Key,
                new(sameValue ? entry.Value : value, change.Revision, change.CreateRevision, _epoch, (uint)hash.Low, confirms ? entry.Seq : ring.NextSeq),
                held ? entry.Value : null,
                hash);
            if (confirms)
            {
                // The same content in a new history: only its revisions are news, and those are nobody's before a snapshot.
                return false;
            }

            _changes.Put(change.Key, ring.NextSeq);
        }

        ring.AppendRecord(new(ring.NextSeq, _index, change), _index, change.Key.Kind, delta.ReadTimestamp);
        return true;
    }

    // Revisions of an earlier history mean nothing in this one: 0 = not known yet.
    private MeshChange Put(MeshKey key)
    {
        TryGet(key, out var entry);
        var current = entry.Epoch == _epoch;
        return new(key, entry.Value, current ? entry.Revision : 0, current ? entry.CreateRevision : 0);
    }

    private bool TryGet(MeshKey key, out CachedEntry entry)
    {
        entry = default;
        return _resources.TryGetValue(key.Kind, out var resource) && resource.TryGet(key.Name, out entry);
    }

    private IEnumerable<MeshKey> LeftFromEarlierEpochs(ResourceKind kind) => _resources.TryGetValue(kind, out var resource)
        ? resource.Entries.Where(entry => entry.Value.Epoch != _epoch).Select(entry => new MeshKey(kind, entry.Key))
        : [];
}
