using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>Says that a backend takes connections of a service with session affinity: without it a remembered choice does not count.</summary>
/// <remarks>8 bytes, the key of a one-byte value; must match <c>struct lb_affinity_match</c> in Cilium's <c>bpf/lib/common.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public readonly record struct LbAffinityMatch
{
    [FieldOffset(0)] private readonly uint _backendId;
    [FieldOffset(4)] private readonly ushort _revNatIndex; // network order

    /// <summary>The pair of a backend and a service, by their ids.</summary>
    public LbAffinityMatch(uint backendId, ushort revNatIndex) => (_backendId, _revNatIndex) = (backendId, NetworkOrder.Swap(revNatIndex));

    /// <summary>The backend's id.</summary>
    public uint BackendId => _backendId;

    /// <summary>The service's id.</summary>
    public ushort RevNatIndex => NetworkOrder.Swap(_revNatIndex);
}
