using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>How fresh the daemon is about a source.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="State">The daemon's connection to it.</param>
/// <param name="Age">Since the source last proved that the daemon is up to date.</param>
/// <param name="Revision">The source revision the daemon stands at.</param>
public readonly record struct ClusterFreshnessReport(ClusterName Cluster, SourceHealth State, TimeSpan Age, long Revision)
{
    /// <summary>
    /// What the cluster holds, if the agent stands exactly where it was taken and all resources are synced; else null, and
    /// the two that follow are to be ignored.
    /// </summary>
    public ContentDigest? Digest { get; init; }

    /// <summary>Of the source's history at <see cref="Revision"/>; 0 = not known.</summary>
    public ulong Fingerprint { get; init; }
}
