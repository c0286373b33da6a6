using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>The key of a reverse NAT entry: the service's id.</summary>
/// <remarks>2 bytes in network order; must match <c>__u16 rev_nat_index</c> of <c>cilium_lb4_reverse_nat</c> in Cilium's <c>bpf/lib/lb.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 2)]
public readonly record struct ReverseNatKey
{
    [FieldOffset(0)] private readonly ushort _index; // network order

    /// <summary>The key of a service id, 1 or more.</summary>
    public ReverseNatKey(ushort index) => _index = NetworkOrder.Swap(index);

    /// <summary>The service's id.</summary>
    public ushort Index => NetworkOrder.Swap(_index);
}
