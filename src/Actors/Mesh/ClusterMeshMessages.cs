using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Mesh;

/// <summary>Replicate from this source; a known cluster reconnects with the new definition and keeps what it has.</summary>
/// <param name="Definition">The source.</param>
public sealed record ConfigureCluster(SourceDefinition Definition);

/// <summary>
/// The configuration has been read for the first time, and every <see cref="ConfigureCluster"/> of it was sent before. What an earlier run
/// of the daemon knew and is not there any more is withdrawn.
/// </summary>
/// <param name="Present">Every cluster that is there, those included whose file is broken: a typo removes nobody.</param>
public sealed record ConfigurationRead(IReadOnlySet<ClusterName> Present);

/// <summary>The operator removed the cluster: drain it.</summary>
/// <param name="Cluster">The cluster.</param>
public sealed record RemoveCluster(ClusterName Cluster);
