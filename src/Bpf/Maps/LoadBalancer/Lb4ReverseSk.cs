using System.Net;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>The frontend a socket believes it talks to. Written by the socket programs.</summary>
/// <remarks>8 bytes; must match <c>struct ipv4_revnat_entry</c> in Cilium's <c>bpf/lib/sock.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public readonly record struct Lb4ReverseSk
{
    [FieldOffset(0)] private readonly uint _address; // network order
    [FieldOffset(4)] private readonly ushort _port; // network order
    [FieldOffset(6)] private readonly ushort _revNatIndex; // network order

    /// <summary>A frontend and its service id.</summary>
    /// <exception cref="ArgumentException">The address is not IPv4.</exception>
    public Lb4ReverseSk(IPAddress address, ushort port, ushort revNatIndex)
    {
        _address = NetworkOrder.IPv4(address, nameof(address));
        (_port, _revNatIndex) = (NetworkOrder.Swap(port), NetworkOrder.Swap(revNatIndex));
    }

    /// <summary>The virtual IP.</summary>
    public IPAddress Address => NetworkOrder.ToIPv4(_address);

    /// <summary>The virtual port.</summary>
    public ushort Port => NetworkOrder.Swap(_port);

    /// <summary>The service's id.</summary>
    public ushort RevNatIndex => NetworkOrder.Swap(_revNatIndex);
}
