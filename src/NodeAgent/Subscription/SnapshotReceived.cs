using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>All a daemon holds of a cluster: what it does not name is gone once its resource is synced.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Revision">The source revision it was taken at.</param>
/// <param name="Seq">Every record of this cluster up to it is part of the snapshot.</param>
/// <param name="Records">Puts only.</param>
public sealed record SnapshotReceived(ClusterName Cluster, long Revision, long Seq, IReadOnlyList<MeshRecord> Records) : SessionEvent;
