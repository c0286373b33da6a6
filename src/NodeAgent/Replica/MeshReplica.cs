using System.Diagnostics.CodeAnalysis;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.NodeAgent.Subscription;

namespace KvStoreMesh.NodeAgent.Replica;

/// <summary>
/// What the agent holds of every cluster, across sessions and daemons, and which keys an event changed.
/// </summary>
/// <remarks>
/// A snapshot and a cluster that appears add and change; what they lack goes when its resource is synced, since a daemon that
/// was just started may hold a part of the cluster only. Only <see cref="ClusterRemoved"/> drops a cluster. That another
/// daemon does not name one proves nothing, since its configuration may not be there yet; that the very daemon which
/// announced it does not any more proves that it was removed while the connection was away. So a cluster that was removed
/// while both were away stays, marked as not announced, until it is told gone or the agent restarts.
/// Pure; not thread-safe: owned by the apply loop.
/// </remarks>
public sealed class MeshReplica
{
    private readonly SortedDictionary<ClusterName, ClusterReplica> _clusters = [];
    private readonly HashSet<ClusterName> _told = [];
    private string _daemon = string.Empty;

    /// <summary>The clusters by name.</summary>
    public IReadOnlyCollection<ClusterReplica> Clusters => _clusters.Values;

    /// <summary>The start of the daemon that <see cref="Position"/> and the clusters' seqs belong to; empty before the first session.</summary>
    public string Daemon => _daemon;

    /// <summary>Everything of every cluster up to it is held; 0 until the session has said so.</summary>
    public long Position { get; private set; }

    /// <summary>The clusters that have just turned out to hold something else than they should, each told once.</summary>
    public IReadOnlyList<ClusterName> TakeDiverged()
    {
        if (_clusters.Values.All(cluster => !cluster.IsDiverged || _told.Contains(cluster.Name)))
        {
            return [];
        }

        return [.. _clusters.Values.Where(cluster => cluster.IsDiverged && _told.Add(cluster.Name)).Select(cluster => cluster.Name)];
    }

    /// <summary>Finds a cluster.</summary>
    public bool TryGet(ClusterName name, [NotNullWhen(true)] out ClusterReplica? cluster) => _clusters.TryGetValue(name, out cluster);

    /// <summary>Applies an event and returns what it changed.</summary>
    public IReadOnlyList<ReplicaChange> Apply(SessionEvent sessionEvent)
    {
        List<ReplicaChange> changes = [];
        switch (sessionEvent)
        {
            case SessionOpened opened:
                Open(opened);
                break;
            case SnapshotReceived snapshot:
                _told.Remove(snapshot.Cluster);
                Get(snapshot.Cluster).Apply(snapshot, changes);
                break;
            case RecordsReceived records:
                Apply(records, changes);
                break;
            case ResourcesSynced synced:
                Get(synced.Cluster).Sync(synced.Resources, changes);
                break;
            case ClusterAnnounced announced:
                Announce(announced);
                break;
            case ClusterRemoved removed:
                Remove(removed.Cluster, changes);
                break;
            case HeartbeatReceived heartbeat:
                Observe(heartbeat);
                break;
        }

        return changes;
    }

    /// <summary>The clusters that the daemon of a new session had announced before, and no longer names.</summary>
    public IReadOnlyList<ClusterName> RemovedMeanwhile(SessionOpened opened)
    {
        ArgumentNullException.ThrowIfNull(opened);
        return
        [
            .. _clusters.Values
                .Where(cluster => cluster.AnnouncedBy.Length > 0 && cluster.AnnouncedBy == opened.ServerInstance)
                .Select(cluster => cluster.Name)
                .Except(opened.Clusters),
        ];
    }

    private void Open(SessionOpened opened)
    {
        _daemon = opened.ServerInstance;
        Position = 0;
        _told.Clear();
        foreach (var cluster in _clusters.Values)
        {
            cluster.Seq = 0;
            cluster.IsAnnounced = false;
            cluster.Health = SourceHealth.Unknown;
            cluster.Unsync();
        }

        foreach (var name in opened.Clusters)
        {
            Get(name);
        }

        foreach (var resumed in opened.Resumed)
        {
            Get(resumed.Cluster).Resume(resumed);
        }
    }

    private void Announce(ClusterAnnounced announced)
    {
        var cluster = Get(announced.Cluster);
        cluster.EnterEpoch(announced.Epoch);
        cluster.Seq = announced.Seq;
        if (announced.AllFollows)
        {
            cluster.ExpectAll();
        }
        else
        {
            cluster.Unsync();
        }
    }

    private void Apply(RecordsReceived records, List<ReplicaChange> changes)
    {
        Position = Math.Max(Position, records.LastSeq);
        foreach (var record in records.Records)
        {
            if (Get(record.Cluster).Apply(record) is { } change)
            {
                changes.Add(change);
            }
        }
    }

    private void Remove(ClusterName name, List<ReplicaChange> changes)
    {
        if (_clusters.Remove(name, out var cluster))
        {
            changes.AddRange(cluster.Entries.Keys.Select(key => new ReplicaChange(name, key, null, 0)));
        }
    }

    private void Observe(HeartbeatReceived heartbeat)
    {
        Position = Math.Max(Position, heartbeat.Seq);
        foreach (var report in heartbeat.Clusters)
        {
            var cluster = Get(report.Cluster);
            cluster.Health = report.State;
            cluster.Age = report.Age;
            cluster.Revision = Math.Max(cluster.Revision, report.Revision);
            cluster.Observe(report);
        }
    }

    private ClusterReplica Get(ClusterName name)
    {
        if (!_clusters.TryGetValue(name, out var cluster))
        {
            _clusters.Add(name, cluster = new ClusterReplica(name));
        }

        (cluster.IsAnnounced, cluster.AnnouncedBy) = (true, _daemon);
        return cluster;
    }
}
