namespace KvStoreMesh.NodeAgent.IpCache;

/// <summary>The flags of <c>cilium_ipcache_v2</c>'s values.</summary>
[Flags]
public enum IpCacheFlags : byte
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>Do not encapsulate although a tunnel endpoint is known.</summary>
    SkipTunnel = 0x01,

    /// <summary>The tunnel endpoint is set.</summary>
    HasTunnelEndpoint = 0x02,

    /// <summary>The tunnel endpoint is an IPv6 address.</summary>
    Ipv6TunnelEndpoint = 0x04,

    /// <summary>A node of another cluster.</summary>
    RemoteCluster = 0x08,
}
