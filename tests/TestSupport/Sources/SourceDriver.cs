using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using Xunit;

namespace KvStoreMesh.TestSupport.Sources;

/// <summary>
/// Drives a replica as its owner does, one step at a time and without waiting: reads the config, lists, watches, and
/// publishes into a cache.
/// </summary>
public sealed class SourceDriver(ClusterName cluster, Random random)
{
    private SourceReplica? _replica;
    private long[] _next = [];
    private long _clock;
    private bool _mustList = true;
    private bool _mayProbe;

    public ClusterName Cluster => cluster;

    public FakeEtcd Etcd { get; set; } = new(1);

    public SourceQuota Quota { get; init; }

    public SourceReplica Replica => _replica ??= new(cluster, random) { Quota = Quota };

    /// <summary>The watch is open.</summary>
    public bool Watching { get; private set; }

    /// <summary>Batches hold all ranges in the order of revisions, which etcd does not promise; else one range each.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>What is published, in order; the last one of all.</summary>
    public Action<ClusterDelta> Publish { get; init; } = _ => { };

    public ConfigChange LastConfigChange { get; private set; }

    public void PutConfig(string json) => Etcd.Put(CiliumKeys.ClusterConfig(cluster), json);

    public void PutConfig(string capabilities, int id) => PutConfig($$"""{"id":{{id}},"capabilities":{{capabilities}}}""");

    public void PutCanaries(params IEnumerable<ResourceKind> kinds)
    {
        foreach (var kind in kinds)
        {
            Etcd.Put(CiliumKeys.Canaries(cluster) + ResourcePrefixes.State(kind), "now");
            Etcd.Put(CiliumKeys.Canaries(cluster) + ResourcePrefixes.Cache(kind), "now");
        }
    }

    /// <summary>The owner crashed and starts again without any memory.</summary>
    public void Forget()
    {
        _replica = null;
        (Watching, _mustList, _mayProbe) = (false, false, false);
    }

    /// <summary>The process ended, and starts again with what was kept.</summary>
    public ClusterDelta Restart(SourceCheckpoint checkpoint, IEnumerable<MeshChange> kept)
    {
        Forget();
        return Replica.Restore(checkpoint, kept, ++_clock);
    }

    public void Disconnect() => Watching = false;

    /// <summary>How often the watch was not believed.</summary>
    public int Doubts { get; private set; }

    /// <summary>Batches that were refused, as they are more than the quota.</summary>
    public int Refusals { get; private set; }

    /// <summary>Lists that were begun.</summary>
    public int Lists { get; private set; }

    /// <summary>Connects and goes on without a list if that is possible, else lists; false if there is no valid config.</summary>
    public bool Reconnect(int pageSize = 3)
    {
        Watching = false;
        var page = Etcd.List(SourceRange.Exactly(CiliumKeys.ClusterConfig(cluster)), null, 0, 1);
        if (_mustList || page.Entries is not [var entry]
            || (_mayProbe ? Replica.BeginProbe(Etcd.ClusterId, page.Revision, entry) : Replica.BeginResume(Etcd.ClusterId, page.Revision, entry))
                is not { } starts)
        {
            return Resync(pageSize);
        }

        Assert.Equal(Replica.Layout!.WatchRanges, starts.Select(start => start.Range));
        _next = [.. starts.Select(start => start.Revision)];
        Watching = true;
        return Probe();
    }

    /// <summary>Everything that is under way is read; a watch that still has nothing to show is given up, as by its time-out.</summary>
    public void Settle()
    {
        PumpAll();
        for (var attempt = 0; !Watching || Replica.IsProving; attempt++)
        {
            Assert.True(attempt < 5, "neither an overlap, a probe nor a list leads anywhere");
            _mustList |= Watching;
            Reconnect();
            PumpAll();
        }
    }

    /// <summary>
    /// Connects and lists what may be listed; false if there is no valid config, or if it was cut off after so many pages.
    /// </summary>
    public bool Resync(int pageSize = 3, int pages = int.MaxValue, Action? betweenPages = null)
    {
        Watching = false;
        var page = Etcd.List(SourceRange.Exactly(CiliumKeys.ClusterConfig(cluster)), null, 0, 1);
        if (page.Entries is not [var entry] || !CiliumClusterConfig.TryParse(entry.Value, out var config, out _))
        {
            return false;
        }

        (_mustList, _mayProbe) = (false, false);
        Lists++;
        Replica.BeginResync(Etcd.ClusterId, page.Revision, config, entry);
        var canaries = Etcd.List(SourceRange.Prefix(CiliumKeys.Canaries(cluster)), null, page.Revision, 100);
        if (!List(Replica.SeeCanaries(canaries.Entries.Select(canary => canary.Key)), page.Revision, pageSize, pages, betweenPages))
        {
            return false;
        }

        _next = [.. Replica.Layout!.WatchRanges.Select(_ => page.Revision + 1)];
        Watching = true;
        return true;
    }

    /// <summary>Reads one batch, of the range given by a number or of all; false if there is nothing to read.</summary>
    public bool Pump(int range = 0, int limit = 100, int pageSize = 3)
    {
        try
        {
            return Watching && (Ordered ? TakeAll(limit) : Take(range, limit)) is { } batch && Apply(batch, pageSize);
        }
        catch (SourceException e) when (e.IsCompacted)
        {
            (Watching, _mayProbe, _mustList) = (false, Replica.IsProving && !_mayProbe, !Replica.IsProving || _mayProbe);
            return false;
        }
    }

    /// <summary>A progress notification, which comes only after everything else.</summary>
    public void Progress()
    {
        PumpAll();
        if (Watching)
        {
            Apply(new([], Etcd.Revision, ++_clock), 3);
        }
    }

    public void PumpAll()
    {
        for (var idle = 0; Watching && idle < _next.Length;)
        {
            var any = false;
            for (var range = 0; range < _next.Length; range++)
            {
                any |= Pump(range);
            }

            idle = any ? 0 : _next.Length;
        }
    }

    private bool Apply(SourceBatch batch, int pageSize)
    {
        var step = Replica.Apply(batch);
        if (step.Doubt is not null)
        {
            Doubts++;
            (Watching, _mustList) = (false, true);
            return false;
        }

        if (step.IsRefused)
        {
            Refusals++;
            (Watching, _mustList) = (false, true);
            return false;
        }

        _mayProbe &= Replica.IsProving;
        LastConfigChange = step.Config;
        if (step.Delta is { } delta)
        {
            Publish(delta);
        }

        if (step.Config == ConfigChange.Changed)
        {
            return Resync(pageSize);
        }

        return (Replica.Probe is null || Probe()) && (step.ReadyToList.Count == 0 || List(step.ReadyToList, step.ListRevision, pageSize, int.MaxValue, null));
    }

    private bool Probe()
    {
        if (Replica.Probe is not { } probe)
        {
            return true;
        }

        try
        {
            if (Replica.TakeProbe(Etcd.List(SourceRange.Exactly(probe.Key), null, probe.Revision, 1), ++_clock, out var proof))
            {
                _mayProbe = false;
                if (proof is not null)
                {
                    Publish(proof);
                }

                return true;
            }
        }
        catch (SourceException e) when (e.IsCompacted)
        {
            // As below: only a list helps.
        }

        (Watching, _mustList) = (false, true);
        return false;
    }

    private bool List(IReadOnlyList<ResourceKind> kinds, long revision, int pageSize, int pages, Action? betweenPages)
    {
        Replica.BeginList(kinds, revision);
        foreach (var kind in kinds)
        {
            string? next = null;
            do
            {
                if (pages-- == 0)
                {
                    return false;
                }

                var page = Etcd.List(Replica.Layout!.RangeOf(kind), next, revision, pageSize);
                if (!Replica.AddPage(kind, page))
                {
                    (Watching, _mustList) = (false, true);
                    return false;
                }

                next = page.NextKey;
                betweenPages?.Invoke();
            }
            while (next is not null);
        }

        Publish(Replica.EndList(++_clock));
        return true;
    }

    private SourceBatch? Take(int range, int limit)
    {
        var i = range % _next.Length;
        var events = Etcd.Events(Replica.Layout!.WatchRanges[i], _next[i], limit);
        return Batch(events, i, i + 1);
    }

    private SourceBatch? TakeAll(int limit)
    {
        var all = Replica.Layout!.WatchRanges
            .SelectMany((range, i) => Etcd.Events(range, _next[i], int.MaxValue))
            .OrderBy(change => change.ModRevision)
            .ToList();
        var end = all.Count <= limit ? long.MaxValue : all[limit - 1].ModRevision;
        return Batch([.. all.TakeWhile(change => change.ModRevision <= end)], 0, _next.Length);
    }

    private SourceBatch? Batch(IReadOnlyList<SourceEvent> events, int from, int to)
    {
        if (events.Count == 0)
        {
            return null;
        }

        Array.Fill(_next, events[^1].ModRevision + 1, from, to - from);
        return new(events, events[^1].ModRevision, ++_clock);
    }
}
