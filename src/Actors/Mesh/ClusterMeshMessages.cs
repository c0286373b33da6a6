using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Mesh;

/// <summary>Replicate from this source; a known cluster reconnects with the new definition and keeps what it has.</summary>
/// <param name="Definition">The source.</param>
public sealed record ConfigureCluster(SourceDefinition Definition);

/// <summary>The operator removed the cluster: drain it.</summary>
/// <param name="Cluster">The cluster.</param>
public sealed record RemoveCluster(ClusterName Cluster);
