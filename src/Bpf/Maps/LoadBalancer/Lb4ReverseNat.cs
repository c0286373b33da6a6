using System.Net;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>The frontend a service id stands for.</summary>
/// <remarks>6 bytes, packed; must match <c>struct lb4_reverse_nat</c> in Cilium's <c>bpf/lib/common.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 6, Pack = 1)]
public readonly record struct Lb4ReverseNat
{
    [FieldOffset(0)] private readonly uint _address; // network order
    [FieldOffset(4)] private readonly ushort _port; // network order

    /// <summary>A frontend.</summary>
    /// <exception cref="ArgumentException">The address is not IPv4.</exception>
    public Lb4ReverseNat(IPAddress address, ushort port) =>
        (_address, _port) = (NetworkOrder.IPv4(address, nameof(address)), NetworkOrder.Swap(port));

    /// <summary>The virtual IP.</summary>
    public IPAddress Address => NetworkOrder.ToIPv4(_address);

    /// <summary>The virtual port.</summary>
    public ushort Port => NetworkOrder.Swap(_port);
}
