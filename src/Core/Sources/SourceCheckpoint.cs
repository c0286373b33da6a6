using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Core.Sources;

/// <summary>
/// Everything a <see cref="SourceReplica"/> needs, besides its entries, to go on where it stood: kept in one transaction
/// with the <see cref="ClusterDelta"/> after which it holds. Immutable.
/// </summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="EtcdClusterId">The etcd cluster ID of the source.</param>
/// <param name="Position">Where the replica stands; the fingerprint is that of all its entries.</param>
/// <param name="ReachedRevision">The highest revision that the source has been seen at: it must never fall.</param>
/// <param name="Config">The key of the cluster's config as it was read, from which the layout follows.</param>
/// <param name="Resources">One for each resource there is, the config apart.</param>
public sealed record SourceCheckpoint(
    ClusterName Cluster,
    ulong EtcdClusterId,
    SourcePosition Position,
    long ReachedRevision,
    SourceEntry Config,
    IReadOnlyList<ResourceCheckpoint> Resources);
