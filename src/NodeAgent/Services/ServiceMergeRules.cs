using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Services;

/// <summary>What every merge depends on beside the records.</summary>
/// <param name="LocalCluster">The own cluster; null if not known.</param>
/// <param name="NodeName">This node.</param>
/// <param name="PrefersReachable">Backends of clusters that cannot be reached stand back behind others.</param>
/// <param name="Standing">Whether a cluster can be reached.</param>
internal readonly record struct ServiceMergeRules(
    ClusterName? LocalCluster, string NodeName, bool PrefersReachable, Func<ClusterName, SourceStanding> Standing);
