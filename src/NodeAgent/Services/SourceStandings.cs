using KvStoreMesh.Core.Clusters;
using KvStoreMesh.NodeAgent.Replica;
using KvStoreMesh.NodeAgent.Subscription;

namespace KvStoreMesh.NodeAgent.Services;

/// <summary>
/// Says of each remote cluster whether its source answers, and whether it has been silent for longer than its services are trusted.
/// </summary>
/// <remarks>
/// With a limit, the silence of the daemon counts too: behind it nobody can say that the source is alive. A new session that has not told
/// yet changes nothing, so that reconnecting does not move backends to and fro. Owned by the apply loop.
/// </remarks>
internal sealed class SourceStandings(TimeSpan? limit, TimeProvider time)
{
    private readonly Dictionary<ClusterName, (long ProvedAt, bool IsReachable)> _clusters = [];

    /// <summary>Until the next cluster's services expire; null if none will.</summary>
    public TimeSpan? Remaining => limit is null || _clusters.Count == 0
        ? null
        : _clusters.Values.Select(Left).Where(left => left > TimeSpan.Zero).Select(left => (TimeSpan?)left).Min();

    /// <summary>Takes what a heartbeat told.</summary>
    public void Observe(MeshReplica replica)
    {
        foreach (var cluster in replica.Clusters)
        {
            if (cluster.Health is SourceHealth.Live or SourceHealth.Syncing)
            {
                _clusters[cluster.Name] = (time.GetTimestamp(), true);
            }
            else if (cluster.Health != SourceHealth.Unknown)
            {
                _clusters[cluster.Name] = (_clusters.TryGetValue(cluster.Name, out var known) ? known.ProvedAt : time.GetTimestamp(), false);
            }
        }

        foreach (var gone in _clusters.Keys.Where(name => !replica.TryGet(name, out _)).ToList())
        {
            _clusters.Remove(gone);
        }
    }

    /// <summary>Tells the table how every cluster stands now; true if any of that is news.</summary>
    public bool Apply(ServiceTable table)
    {
        var isNews = false;
        foreach (var (name, cluster) in _clusters)
        {
            isNews |= table.SetStanding(
                name,
                limit is not null && Left(cluster) <= TimeSpan.Zero ? SourceStanding.Expired
                : cluster.IsReachable ? SourceStanding.Reachable
                : SourceStanding.Unreachable);
        }

        return isNews;
    }

    private TimeSpan Left((long ProvedAt, bool IsReachable) cluster) => limit!.Value - time.GetElapsedTime(cluster.ProvedAt);
}
