using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>What is to be written of one cluster.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Replaces">What was stored of it before is void: the changes are all there is.</param>
/// <param name="Changes">Each key at most once, in any order.</param>
/// <param name="Checkpoint">Opaque bytes that hold together with the changes; null to forget the cluster (it then replaces by nothing).</param>
/// <param name="ProvedAt">When the source last proved that this is what it holds.</param>
public sealed record ClusterWrite(
    ClusterName Cluster, bool Replaces, IReadOnlyCollection<MeshChange> Changes, byte[]? Checkpoint, DateTimeOffset ProvedAt)
{
    /// <summary>Forgets a cluster.</summary>
    public static ClusterWrite Forget(ClusterName cluster) => new(cluster, true, [], null, default);
}
