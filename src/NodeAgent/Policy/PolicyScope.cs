using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>What the meaning of a policy's selectors depends on beside its text.</summary>
/// <param name="LocalCluster">The cluster of this node; null if not known.</param>
/// <param name="DefaultsToLocalCluster">
/// Peers that do not mention a cluster are of the local one (<c>policy-default-local-cluster</c>); else they are of any.
/// </param>
public sealed record PolicyScope(ClusterName? LocalCluster, bool DefaultsToLocalCluster);
