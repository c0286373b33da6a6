using System.Net;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>The key of a service entry. Slot 0 is the master, slots 1 to its count hold the active backends.</summary>
/// <remarks>12 bytes; must match <c>struct lb4_key</c> in Cilium's <c>bpf/lib/common.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 12)]
public readonly record struct Lb4Key
{
    [FieldOffset(0)] private readonly uint _address; // network order
    [FieldOffset(4)] private readonly ushort _port; // network order
    [FieldOffset(6)] private readonly ushort _slot;
    [FieldOffset(8)] private readonly LbProtocol _protocol;
    [FieldOffset(9)] private readonly LbScope _scope;

    /// <summary>The key of a frontend's master, or of one of its slots.</summary>
    /// <exception cref="ArgumentException">The address is not IPv4.</exception>
    public Lb4Key(IPAddress address, ushort port, LbProtocol protocol, ushort slot = 0, LbScope scope = LbScope.External)
    {
        _address = NetworkOrder.IPv4(address, nameof(address));
        _port = NetworkOrder.Swap(port);
        (_slot, _protocol, _scope) = (slot, protocol, scope);
    }

    /// <summary>The virtual IP.</summary>
    public IPAddress Address => NetworkOrder.ToIPv4(_address);

    /// <summary>The virtual port.</summary>
    public ushort Port => NetworkOrder.Swap(_port);

    /// <summary>0 for the master.</summary>
    public ushort Slot
    {
        get => _slot;
        init => _slot = value;
    }

    /// <summary>The transport.</summary>
    public LbProtocol Protocol => _protocol;

    /// <summary>The scope.</summary>
    public LbScope Scope => _scope;
}
