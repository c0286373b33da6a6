using System.CommandLine;
using KvStoreMesh.NodeAgent.LocalApi;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary><c>node-agent node list</c>, in the columns of <c>cilium-dbg node list</c>.</summary>
internal static class NodeListCommand
{
    public static Command Create() => new("node", "Nodes of all clusters")
    {
        LocalListing.Create("list", "List nodes", LocalApiPaths.Nodes, StatusJson.Default.IReadOnlyListNodeStatus, Render),
    };

    /// <summary>Without a node Cilium prints nothing at all.</summary>
    internal static string Render(IReadOnlyList<NodeStatus> nodes)
    {
        if (nodes.Count == 0)
        {
            return string.Empty;
        }

        var table = new TextTable();
        table.Add("Name", "IPv4 Address", "Endpoint CIDR", "IPv6 Address", "Endpoint CIDR", "Source");
        foreach (var node in nodes)
        {
            table.Add(node.Name, node.Ipv4Address, node.Ipv4Cidr, node.Ipv6Address, node.Ipv6Cidr, node.Source);
        }

        return table.ToString();
    }
}
