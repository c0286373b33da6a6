using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>The operator removed the cluster: the only event that drops one.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Seq">The mark's place in the sequence.</param>
public sealed record ClusterRemoved(ClusterName Cluster, long Seq) : SessionEvent;
