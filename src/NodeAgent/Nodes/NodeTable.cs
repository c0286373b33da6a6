using System.Net.Sockets;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Nodes;

/// <summary>The nodes of all clusters, for <c>node list</c>; what the datapath needs of them is in the ipcache. Not thread-safe: owned by the apply loop.</summary>
public sealed class NodeTable
{
    private const string DefaultCluster = "default";

    private readonly Dictionary<(ClusterName Cluster, string Name), CiliumNode> _nodes = [];

    /// <summary>Takes a node that has been validated.</summary>
    public void Upsert(ClusterName cluster, CiliumNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        _nodes[(cluster, node.Name)] = node;
    }

    /// <summary>Forgets a node.</summary>
    public void Remove(ClusterName cluster, string name) => _nodes.Remove((cluster, name));

    /// <summary>The nodes as Cilium lists them, sorted by name.</summary>
    /// <param name="localCluster">The cluster of this node.</param>
    /// <param name="nodeName">This node.</param>
    public IReadOnlyList<NodeStatus> List(ClusterName? localCluster, string nodeName) =>
    [
        .. _nodes.Select(pair => Status(pair.Key.Cluster, pair.Value, localCluster, nodeName)).OrderBy(node => node.Name, StringComparer.Ordinal),
    ];

    private static NodeStatus Status(ClusterName cluster, CiliumNode node, ClusterName? localCluster, string nodeName) => new(
        cluster.Value == DefaultCluster ? node.Name : $"{cluster}/{node.Name}",
        AddressOf(node, AddressFamily.InterNetwork),
        CidrOf(node, AddressFamily.InterNetwork),
        AddressOf(node, AddressFamily.InterNetworkV6),
        CidrOf(node, AddressFamily.InterNetworkV6),
        cluster != localCluster ? "clustermesh" : node.Name == nodeName ? "local" : "kvstore");

    private static string AddressOf(CiliumNode node, AddressFamily family) =>
        ((string[])["InternalIP", "ExternalIP"])
            .SelectMany(type => node.Addresses.Where(address => address.Type == type && address.Ip.AddressFamily == family))
            .Select(address => GoIpAddress.Format(address.Ip)).FirstOrDefault(string.Empty);

    private static string CidrOf(CiliumNode node, AddressFamily family) => node.AllocCidrs
        .Where(cidr => cidr.BaseAddress.AddressFamily == family)
        .Select(cidr => $"{GoIpAddress.Format(cidr.BaseAddress)}/{cidr.PrefixLength}").FirstOrDefault(string.Empty);
}
