using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.Replicator.Troubleshoot;

/// <summary>What was read from one cluster's etcd, for the checks that compare clusters.</summary>
internal sealed class ClusterFacts
{
    /// <summary>The cluster.</summary>
    public required ClusterName Cluster { get; init; }

    /// <summary>Its id; null if its config could not be read.</summary>
    public uint? Id { get; set; }

    /// <summary>Its nodes, as far as they could be read.</summary>
    public List<CiliumNode> Nodes { get; } = [];

    /// <summary>Keys by resource, of those that could be counted to the end.</summary>
    public Dictionary<ResourceKind, int> Counts { get; } = [];
}
