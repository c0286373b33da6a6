using System.Net;
using System.Net.Sockets;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.NodeAgent.IpCache;

/// <summary>
/// Which rows an endpoint or a node asks for (Cilium: pkg/ipcache/kvstore.go, pkg/node/manager/manager.go).
/// </summary>
/// <remarks>
/// Tunnel endpoints are IPv4 where a node has an IPv4 address. Pod CIDRs get the identity world (2); the split into
/// world-ipv4 and world-ipv6 of dual-stack clusters is not made.
/// </remarks>
internal sealed class IpCacheRows(ClusterName? localCluster, string nodeName, IPAddress? nodeIp)
{
    /// <summary>A key without a slash is an address.</summary>
    public static IpCacheSource SourceOfEndpoint(string key) =>
        key.Contains('/', StringComparison.Ordinal) ? IpCacheSource.Cidr : IpCacheSource.Endpoint;

    /// <summary>The row of an endpoint. Seen from here, another cluster's or node's host is a remote node.</summary>
    public IpCacheRow OfEndpoint(IpIdentityPair pair)
    {
        var identity = pair.Identity == NumericIdentity.Host && !IsOwnAddress(pair.HostIp)
            ? NumericIdentity.RemoteNode
            : pair.Identity;
        var prefix = pair.PrefixLength is { } length ? IpPrefix.From(pair.Ip, length) : IpPrefix.Host(pair.Ip);
        var source = pair.PrefixLength is null ? IpCacheSource.Endpoint : IpCacheSource.Cidr;
        return new(prefix, source, Entry(identity, IsOwnAddress(pair.HostIp) ? null : pair.HostIp, pair.Key));
    }

    /// <summary>The rows of a node, one per prefix; where it names a prefix twice, the first stays.</summary>
    public IpCacheRow[] OfNode(ClusterName cluster, CiliumNode node)
    {
        var isOwn = (cluster == localCluster && node.Name == nodeName) || node.Addresses.Any(address => IsOwnAddress(address.Ip));
        var tunnel = isOwn ? null : TunnelEndpointOf(node);
        var identity = isOwn ? NumericIdentity.Host : NumericIdentity.RemoteNode;
        var remote = cluster == localCluster || isOwn ? IpCacheFlags.None : IpCacheFlags.RemoteCluster;
        List<IpCacheRow> rows = [];
        foreach (var address in node.Addresses)
        {
            // The router's address lives behind the tunnel, the node's own addresses outside of it.
            var isRouter = address.Type == "CiliumInternalIP";
            var entry = Entry(identity, isRouter ? tunnel : null, 0);
            Add(new(IpPrefix.Host(address.Ip), IpCacheSource.Node, entry with { Flags = entry.Flags | remote }));
        }

        if (!isOwn)
        {
            foreach (var cidr in node.AllocCidrs)
            {
                var entry = Entry(NumericIdentity.World, tunnel, node.EncryptionKey);
                Add(new(IpPrefix.From(cidr.BaseAddress, cidr.PrefixLength), IpCacheSource.AllocCidr, entry));
            }
        }

        foreach (var ip in node.HealthIps)
        {
            Add(new(IpPrefix.Host(ip), IpCacheSource.Node, Entry(NumericIdentity.Health, tunnel, node.EncryptionKey)));
        }

        foreach (var ip in node.IngressIps)
        {
            Add(new(IpPrefix.Host(ip), IpCacheSource.Node, Entry(NumericIdentity.Ingress, tunnel, node.EncryptionKey)));
        }

        return [.. rows];

        void Add(IpCacheRow row)
        {
            if (!rows.Exists(other => other.Prefix == row.Prefix))
            {
                rows.Add(row);
            }
        }
    }

    private static IpCacheEntry Entry(uint identity, IPAddress? tunnelEndpoint, byte key)
    {
        if (tunnelEndpoint is null)
        {
            return new(identity, default, key, IpCacheFlags.None);
        }

        var flags = tunnelEndpoint.AddressFamily == AddressFamily.InterNetworkV6
            ? IpCacheFlags.HasTunnelEndpoint | IpCacheFlags.Ipv6TunnelEndpoint
            : IpCacheFlags.HasTunnelEndpoint;
        return new(identity, IpPrefix.Host(tunnelEndpoint), key, flags);
    }

    private static IPAddress? TunnelEndpointOf(CiliumNode node)
    {
        return Find("InternalIP", AddressFamily.InterNetwork) ?? Find("ExternalIP", AddressFamily.InterNetwork)
            ?? Find("InternalIP", AddressFamily.InterNetworkV6) ?? Find("ExternalIP", AddressFamily.InterNetworkV6);

        IPAddress? Find(string type, AddressFamily family)
        {
            foreach (var address in node.Addresses)
            {
                if (address.Type == type && address.Ip.AddressFamily == family)
                {
                    return address.Ip;
                }
            }

            return null;
        }
    }

    private bool IsOwnAddress(IPAddress? address) => nodeIp is not null && nodeIp.Equals(address);
}
