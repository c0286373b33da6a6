using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>
/// The hand-over from the cache to the store. It coalesces: of each changed key it holds the newest value, so its bound is the number of
/// keys, however slow the disk. Nobody waits here for longer than it takes to note a group. Any thread.
/// </summary>
/// <remarks>What is taken of a cluster is always its state after a whole group, with the checkpoint of that group.</remarks>
internal sealed class StateFeed(StateOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ClusterName, StateFeedCluster> _clusters = [];

    /// <summary>Raised when there is something to be taken, on the thread that brought it. Handlers only signal.</summary>
    public event Action? Filled;

    /// <summary>How far what is stored lags behind.</summary>
    public StateBacklog Backlog
    {
        get
        {
            lock (_lock)
            {
                var waiting = _clusters.Values.Where(cluster => cluster.IsBehind).ToList();
                return new(
                    _clusters.Values.Count(cluster => cluster.IsStored),
                    waiting.Sum(cluster => cluster.PendingKeys),
                    waiting.Count == 0 ? null : waiting.Min(cluster => cluster.BehindSince),
                    _clusters.Values.Min(cluster => cluster.StoredProof));
            }
        }
    }

    /// <summary>What the store holds, told each time it has been opened and read. It may be less than what was written to it.</summary>
    public void Loaded(IReadOnlyList<StoredCluster> clusters) => Note(() =>
    {
        foreach (var cluster in clusters)
        {
            Of(cluster.Cluster).Loaded(cluster);
        }

        var held = clusters.Select(cluster => cluster.Cluster).ToHashSet();
        foreach (var (name, cluster) in _clusters)
        {
            if (!held.Contains(name))
            {
                cluster.Lost();
            }
        }
    });

    /// <summary>The cluster goes on from what is stored of it.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="checkpoint">What holds.</param>
    /// <param name="stored">Its stored form.</param>
    public void Restored(ClusterName cluster, SourceCheckpoint checkpoint, byte[] stored) =>
        Note(() => Of(cluster).Restored(checkpoint, stored));

    /// <summary>A group is in the cache.</summary>
    /// <param name="delta">The group.</param>
    /// <param name="checkpoint">What holds after it; null if nothing does.</param>
    /// <param name="startsAnew">The first group of a replica that began empty: nothing stored belongs to it.</param>
    /// <param name="now">When the source proved it.</param>
    public void Applied(ClusterDelta delta, SourceCheckpoint? checkpoint, bool startsAnew, DateTimeOffset now) =>
        Note(() => Of(delta.Cluster).Applied(delta, checkpoint, startsAnew, now, options.PendingDeletes));

    /// <summary>The source has proved that what it holds is what was applied last. Wakes nobody: a proof can wait.</summary>
    public void Proved(ClusterName cluster, DateTimeOffset at)
    {
        lock (_lock)
        {
            if (_clusters.TryGetValue(cluster, out var known))
            {
                known.Proved(at, options.ProofInterval);
            }
        }
    }

    /// <summary>The cluster is removed: nothing of it may come back.</summary>
    public void Removed(ClusterName cluster) => Note(() => Of(cluster).Removed());

    /// <summary>Clusters whose changes were given up: their whole content is wanted.</summary>
    public IReadOnlyList<ClusterName> Wanting()
    {
        lock (_lock)
        {
            return [.. _clusters.Where(cluster => cluster.Value.WantsContent).Select(cluster => cluster.Key)];
        }
    }

    /// <summary>The whole content of a cluster, told on the thread that tells of its groups; ignored if it is not that of the last checkpoint.</summary>
    public void Refill(ClusterName cluster, IReadOnlyList<MeshChange> entries) => Note(() => Of(cluster).Refill(entries));

    /// <summary>Takes about as much as one transaction is to hold; nothing if there is nothing.</summary>
    public IReadOnlyList<StateWrite> Take()
    {
        lock (_lock)
        {
            var (writes, keys) = (new List<StateWrite>(), 0);
            foreach (var (name, cluster) in _clusters)
            {
                if (keys < options.KeysPerWrite && cluster.TryTake(name, out var write))
                {
                    writes.Add(write);
                    keys += write.Changes.Count;
                }
            }

            return writes;
        }
    }

    /// <summary>What was taken is stored.</summary>
    public void Written(IEnumerable<StateWrite> writes)
    {
        lock (_lock)
        {
            foreach (var write in writes)
            {
                if (Of(write.Cluster).Written(write))
                {
                    _clusters.Remove(write.Cluster);
                }
            }
        }
    }

    /// <summary>What was taken is not stored: it comes before what has been noted since.</summary>
    public void Return(IEnumerable<StateWrite> writes)
    {
        lock (_lock)
        {
            foreach (var write in writes)
            {
                Of(write.Cluster).Return(write);
            }
        }
    }

    private StateFeedCluster Of(ClusterName cluster) =>
        _clusters.TryGetValue(cluster, out var known) ? known : _clusters[cluster] = new StateFeedCluster(cluster);

    private void Note(Action note)
    {
        lock (_lock)
        {
            note();
        }

        Filled?.Invoke();
    }
}
