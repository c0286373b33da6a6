using System.Net;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>The frontend a service id stands for.</summary>
/// <remarks>18 bytes, packed; must match <c>struct lb6_reverse_nat</c> in Cilium's <c>bpf/lib/common.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 18, Pack = 1)]
public readonly record struct Lb6ReverseNat
{
    [FieldOffset(0)] private readonly AddressBytes _address;
    [FieldOffset(16)] private readonly ushort _port; // network order

    /// <summary>A frontend.</summary>
    /// <exception cref="ArgumentException">The address is not IPv6.</exception>
    public Lb6ReverseNat(IPAddress address, ushort port) =>
        (_address, _port) = (NetworkOrder.IPv6(address, nameof(address)), NetworkOrder.Swap(port));

    /// <summary>The virtual IP.</summary>
    public IPAddress Address => _address.ToAddress(four: false);

    /// <summary>The virtual port.</summary>
    public ushort Port => NetworkOrder.Swap(_port);
}
