using System.Net;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>A socket and the backend it was sent to. Written by the socket programs.</summary>
/// <remarks>32 bytes; must match <c>struct ipv6_revnat_tuple</c> in Cilium's <c>bpf/lib/sock.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public readonly record struct Lb6ReverseSkKey
{
    [FieldOffset(0)] private readonly ulong _cookie;
    [FieldOffset(8)] private readonly AddressBytes _address;
    [FieldOffset(24)] private readonly ushort _port; // network order

    /// <summary>A socket by its cookie (unique on this machine until it restarts), and a backend.</summary>
    /// <exception cref="ArgumentException">The address is not IPv6.</exception>
    public Lb6ReverseSkKey(ulong cookie, IPAddress address, ushort port)
    {
        _cookie = cookie;
        _address = NetworkOrder.IPv6(address, nameof(address));
        _port = NetworkOrder.Swap(port);
    }

    /// <summary>The socket's cookie.</summary>
    public ulong Cookie => _cookie;

    /// <summary>The backend's address.</summary>
    public IPAddress Address => _address.ToAddress(four: false);

    /// <summary>The backend's port.</summary>
    public ushort Port => NetworkOrder.Swap(_port);
}
