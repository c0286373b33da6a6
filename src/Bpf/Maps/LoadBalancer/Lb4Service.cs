using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>A service entry: the master of a frontend (slot 0) or one of its backend slots.</summary>
/// <remarks>12 bytes; must match <c>struct lb4_service</c> in Cilium's <c>bpf/lib/common.h</c>. IPv6 services have the same value.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 12)]
public readonly record struct Lb4Service
{
    [FieldOffset(0)] private readonly uint _backendId; // in a master: affinity timeout and algorithm
    [FieldOffset(4)] private readonly ushort _count;
    [FieldOffset(6)] private readonly ushort _revNatIndex; // network order
    [FieldOffset(8)] private readonly LbServiceFlags _flags;
    [FieldOffset(9)] private readonly LbServiceFlags2 _flags2;
    [FieldOffset(10)] private readonly ushort _qcount;

    private Lb4Service(uint backendId, ushort count, ushort revNatIndex, LbServiceFlags flags, LbServiceFlags2 flags2, ushort qcount)
    {
        (_backendId, _count, _revNatIndex) = (backendId, count, NetworkOrder.Swap(revNatIndex));
        (_flags, _flags2, _qcount) = (flags, flags2, qcount);
    }

    /// <summary>In a slot: the backend, 1 or more. In a master: the affinity timeout in seconds (24 bits) below the algorithm (8 bits).</summary>
    public uint BackendId => _backendId;

    /// <summary>In a master: how many slots from 1 on take new connections.</summary>
    public ushort Count => _count;

    /// <summary>The service's id, the same in master and slots.</summary>
    public ushort RevNatIndex => NetworkOrder.Swap(_revNatIndex);

    /// <summary>The flags, the same in master and slots.</summary>
    public LbServiceFlags Flags => _flags;

    /// <summary>The second flags, the same in master and slots.</summary>
    public LbServiceFlags2 Flags2 => _flags2;

    /// <summary>In a master: how many slots after the active ones hold backends that take no new connections.</summary>
    public ushort QuarantinedCount => _qcount;

    /// <summary>The master entry. Writing it publishes <paramref name="count"/>, so the slots it promises must be there before.</summary>
    public static Lb4Service Master(
        ushort count,
        ushort revNatIndex,
        LbServiceFlags flags = LbServiceFlags.None,
        LbServiceFlags2 flags2 = LbServiceFlags2.None,
        ushort quarantinedCount = 0,
        uint affinityAndAlgorithm = 0) => new(affinityAndAlgorithm, count, revNatIndex, flags, flags2, quarantinedCount);

    /// <summary>A backend slot. Its backend must be in the backend map before.</summary>
    public static Lb4Service ForBackend(
        uint backendId,
        ushort revNatIndex,
        LbServiceFlags flags = LbServiceFlags.None,
        LbServiceFlags2 flags2 = LbServiceFlags2.None) => new(backendId, 0, revNatIndex, flags, flags2, 0);
}
