using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.TestSupport.Sources;

/// <summary>
/// Drives a replica as its owner does, one step at a time and without waiting: reads the config, lists, watches, and
/// publishes into a cache.
/// </summary>
public sealed class SourceDriver(ClusterName cluster, Random random)
{
    private long[] _next = [];
    private long _clock;

    public ClusterName Cluster => cluster;

    public FakeEtcd Etcd { get; set; } = new(1);

    public SourceReplica Replica { get; private set; } = new(cluster, random);

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
        Replica = new(cluster, random);
        Watching = false;
    }

    /// <summary>The process ended, and starts again with what was kept at the last delta.</summary>
    public SourceReplica Restart(IEnumerable<MeshChange> kept)
    {
        var checkpoint = Replica.Checkpoint()!;
        Forget();
        Replica.Restore(checkpoint, kept, ++_clock);
        return Replica;
    }

    public void Disconnect() => Watching = false;

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
            Watching = false;
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
        LastConfigChange = step.Config;
        if (step.Delta is { } delta)
        {
            Publish(delta);
        }

        if (step.Config == ConfigChange.Changed)
        {
            return Resync(pageSize);
        }

        return step.ReadyToList.Count == 0 || List(step.ReadyToList, step.ListRevision, pageSize, int.MaxValue, null);
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
                Replica.AddPage(kind, page);
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
