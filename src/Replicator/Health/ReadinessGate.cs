using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Replicator.ClusterConfigs;

namespace KvStoreMesh.Replicator.Health;

/// <summary>
/// When the daemon counts as ready, by Cilium's rule: every cluster known at the start has been synced once, was
/// removed, or showed no config within its time; or the overall time is over. Once ready it stays ready, and clusters
/// that come later do not count: a rollout must not hang on one broken peer.
/// </summary>
/// <remarks>Judged when a probe asks. A cluster that was synced and lost again between two probes is waited for once more.</remarks>
internal sealed class ReadinessGate(ClusterConfigBoard configs, ReadinessOptions options, MeshStatusBoard board, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private HashSet<ClusterName>? _waiting;

    /// <summary>The clusters still waited for, as of now; none means ready.</summary>
    public IReadOnlyList<ClusterName> Waiting()
    {
        lock (_gate)
        {
            _waiting ??= [.. configs.AtStart];
            var elapsed = time.GetElapsedTime(_start);
            var (configured, current) = (configs.Clusters, board.Current);
            _waiting.RemoveWhere(cluster =>
                elapsed >= options.GlobalTimeout
                || !configured.Contains(cluster)
                || (current.TryGetValue(cluster, out var status)
                    && (status.IsReady || (status.Config is null && elapsed >= options.PerClusterTimeout))));
            return [.. _waiting.Order()];
        }
    }
}
