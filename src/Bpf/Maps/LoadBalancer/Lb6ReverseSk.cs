using System.Net;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>The frontend a socket believes it talks to. Written by the socket programs.</summary>
/// <remarks>20 bytes; must match <c>struct ipv6_revnat_entry</c> in Cilium's <c>bpf/lib/sock.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 20)]
public readonly record struct Lb6ReverseSk
{
    [FieldOffset(0)] private readonly AddressBytes _address;
    [FieldOffset(16)] private readonly ushort _port; // network order
    [FieldOffset(18)] private readonly ushort _revNatIndex; // network order

    /// <summary>A frontend and its service id.</summary>
    /// <exception cref="ArgumentException">The address is not IPv6.</exception>
    public Lb6ReverseSk(IPAddress address, ushort port, ushort revNatIndex)
    {
        _address = NetworkOrder.IPv6(address, nameof(address));
        (_port, _revNatIndex) = (NetworkOrder.Swap(port), NetworkOrder.Swap(revNatIndex));
    }

    /// <summary>The virtual IP.</summary>
    public IPAddress Address => _address.ToAddress(four: false);

    /// <summary>The virtual port.</summary>
    public ushort Port => NetworkOrder.Swap(_port);

    /// <summary>The service's id.</summary>
    public ushort RevNatIndex => NetworkOrder.Swap(_revNatIndex);
}
