using System.Net;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>A socket and the backend it was sent to. Written by the socket programs.</summary>
/// <remarks>16 bytes; must match <c>struct ipv4_revnat_tuple</c> in Cilium's <c>bpf/lib/sock.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public readonly record struct Lb4ReverseSkKey
{
    [FieldOffset(0)] private readonly ulong _cookie;
    [FieldOffset(8)] private readonly uint _address; // network order
    [FieldOffset(12)] private readonly ushort _port; // network order

    /// <summary>A socket by its cookie (unique on this machine until it restarts), and a backend.</summary>
    /// <exception cref="ArgumentException">The address is not IPv4.</exception>
    public Lb4ReverseSkKey(ulong cookie, IPAddress address, ushort port)
    {
        _cookie = cookie;
        _address = NetworkOrder.IPv4(address, nameof(address));
        _port = NetworkOrder.Swap(port);
    }

    /// <summary>The socket's cookie.</summary>
    public ulong Cookie => _cookie;

    /// <summary>The backend's address.</summary>
    public IPAddress Address => NetworkOrder.ToIPv4(_address);

    /// <summary>The backend's port.</summary>
    public ushort Port => NetworkOrder.Swap(_port);
}
