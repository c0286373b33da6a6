using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// The hand-over from the cache to the sink. It coalesces: between two looks of the sink it holds the newest value of each
/// changed key, so its bound is the number of keys, however slow the store. Nobody waits here for longer than it takes to
/// note a group. Any thread.
/// </summary>
/// <remarks>
/// The local cluster's own state is never mirrored: what concerns it is ignored, so that a follower of all clusters need not
/// know roles.
/// </remarks>
public sealed class SinkFeed(ClusterName localCluster)
{
    private readonly Lock _lock = new();
    private Dictionary<ClusterName, SinkChanges> _pending = [];

    /// <summary>
    /// Raised when there is something after there was nothing, on the thread that brought it. Handlers only signal.
    /// </summary>
    public event Action? Filled;

    /// <summary>Keys changed and not taken yet.</summary>
    public int PendingKeys
    {
        get
        {
            lock (_lock)
            {
                return _pending.Values.Sum(changes => changes.Values.Count);
            }
        }
    }

    /// <summary>This cluster is to be mirrored. What the local etcd already holds of it is kept alive until its source is heard.</summary>
    public void Configure(ClusterName cluster) => Note(cluster, static (changes, _) => changes.Configured = true, 0);

    /// <summary>A group has been applied to the cache.</summary>
    public void Apply(ClusterDelta delta) => Note(delta.Cluster, static (changes, delta) =>
    {
        changes.Configured = true;
        foreach (var change in delta.Changes)
        {
            changes.Values[change.Key] = change.Value;
        }

        changes.Synced.UnionWith(delta.NewlySynced);
    }, delta);

    /// <summary>The operator removed the cluster.</summary>
    public void Remove(ClusterName cluster) => Note(cluster, static (changes, _) =>
    {
        changes.Values.Clear();
        changes.Synced.Clear();
        changes.Reach = null;
        changes.WasLive = false;
        changes.Configured = false;
        changes.Removed = true;
    }, 0);

    /// <summary>The connection to a cluster's source has changed its state; what concerns an unknown cluster is without effect.</summary>
    public void Reached(ClusterName cluster, SourceReach reach) => Note(cluster, static (changes, reach) =>
    {
        changes.Reach = reach;
        changes.WasLive |= reach == SourceReach.Live;
    }, reach);

    /// <summary>Takes everything there is.</summary>
    public IReadOnlyCollection<SinkChanges> Take()
    {
        lock (_lock)
        {
            if (_pending.Count == 0)
            {
                return [];
            }

            var taken = _pending.Values;
            _pending = [];
            return taken;
        }
    }

    private void Note<T>(ClusterName cluster, Action<SinkChanges, T> note, T argument)
    {
        if (cluster == localCluster)
        {
            return;
        }

        bool first;
        lock (_lock)
        {
            first = _pending.Count == 0;
            if (!_pending.TryGetValue(cluster, out var changes))
            {
                _pending.Add(cluster, changes = new SinkChanges(cluster));
            }

            note(changes, argument);
        }

        if (first)
        {
            Filled?.Invoke();
        }
    }
}
