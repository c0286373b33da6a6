using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>How fresh the daemon is about a source.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="State">The daemon's connection to it.</param>
/// <param name="Age">Since the source last proved that the daemon is up to date.</param>
/// <param name="Revision">The source revision the daemon stands at.</param>
public readonly record struct ClusterFreshnessReport(ClusterName Cluster, SourceHealth State, TimeSpan Age, long Revision);
