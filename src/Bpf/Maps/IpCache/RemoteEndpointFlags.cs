namespace KvStoreMesh.Bpf.Maps.IpCache;

/// <summary>Flags of an ipcache entry; must match the bit fields of <c>struct remote_endpoint_info</c> in Cilium's <c>bpf/lib/eps.h</c>.</summary>
[Flags]
public enum RemoteEndpointFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Never encapsulate.</summary>
    SkipTunnel = 0x01,

    /// <summary>The tunnel endpoint is set.</summary>
    HasTunnelEndpoint = 0x02,

    /// <summary>The tunnel endpoint is an IPv6 address.</summary>
    IPv6TunnelEndpoint = 0x04,

    /// <summary>It belongs to another cluster.</summary>
    RemoteCluster = 0x08,
}
