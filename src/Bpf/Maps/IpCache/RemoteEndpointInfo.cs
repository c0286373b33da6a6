using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.IpCache;

/// <summary>Who is behind an IP prefix, and how to get there.</summary>
/// <remarks>24 bytes; must match <c>struct remote_endpoint_info</c> in Cilium's <c>bpf/lib/eps.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 24)]
public readonly record struct RemoteEndpointInfo
{
    [FieldOffset(0)] private readonly uint _identity;
    [FieldOffset(4)] private readonly AddressBytes _tunnelEndpoint;
    [FieldOffset(22)] private readonly byte _key;
    [FieldOffset(23)] private readonly RemoteEndpointFlags _flags;

    /// <summary>An entry. The flags that describe the tunnel endpoint's presence and family are set from it.</summary>
    /// <param name="identity">The security identity.</param>
    /// <param name="tunnelEndpoint">The node to encapsulate to; null for none.</param>
    /// <param name="encryptionKey">The index of the encryption key; 0 for none.</param>
    /// <param name="flags">Further flags.</param>
    public RemoteEndpointInfo(
        uint identity, IPAddress? tunnelEndpoint = null, byte encryptionKey = 0, RemoteEndpointFlags flags = RemoteEndpointFlags.None)
    {
        (_identity, _key, _flags) = (identity, encryptionKey, flags);
        if (tunnelEndpoint is not null)
        {
            _tunnelEndpoint = AddressBytes.Of(tunnelEndpoint);
            _flags |= RemoteEndpointFlags.HasTunnelEndpoint;
            _flags |= tunnelEndpoint.AddressFamily == AddressFamily.InterNetworkV6 ? RemoteEndpointFlags.IPv6TunnelEndpoint : 0;
        }
    }

    /// <summary>The security identity.</summary>
    public uint Identity => _identity;

    /// <summary>The node to encapsulate to; null for none.</summary>
    public IPAddress? TunnelEndpoint => _flags.HasFlag(RemoteEndpointFlags.HasTunnelEndpoint)
        ? _tunnelEndpoint.ToAddress(four: !_flags.HasFlag(RemoteEndpointFlags.IPv6TunnelEndpoint))
        : null;

    /// <summary>The index of the encryption key; 0 for none.</summary>
    public byte EncryptionKey => _key;

    /// <summary>All flags.</summary>
    public RemoteEndpointFlags Flags => _flags;
}
