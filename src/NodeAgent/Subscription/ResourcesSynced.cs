using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>Every key of these resources has been sent. Holds until the next <see cref="ClusterAnnounced"/> or <see cref="ClusterRemoved"/>.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Resources">The complete resources.</param>
/// <param name="Seq">The mark's place in the sequence.</param>
public sealed record ResourcesSynced(ClusterName Cluster, IReadOnlyList<ResourceKind> Resources, long Seq) : SessionEvent;
