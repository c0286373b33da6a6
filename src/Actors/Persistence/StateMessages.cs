using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>What was stored has been read, or cannot be: the clusters may start. Sent once to the mesh.</summary>
/// <param name="Clusters">By name; a cluster that is not among them starts cold.</param>
internal sealed record StateRestored(IReadOnlyDictionary<ClusterName, StoredCluster> Clusters);

/// <summary>Clusters that an earlier run of the daemon knew; those that are not configured any more are to be withdrawn.</summary>
/// <param name="Clusters">The clusters.</param>
internal sealed record KnownClusters(IReadOnlyCollection<ClusterName> Clusters);

/// <summary>Tell the state the whole content of a cluster; nothing is answered.</summary>
/// <param name="Cluster">The cluster.</param>
internal sealed record RefillState(ClusterName Cluster);
