using System.Net;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>The key of a service entry. Slot 0 is the master, slots 1 to its count hold the active backends.</summary>
/// <remarks>24 bytes; must match <c>struct lb6_key</c> in Cilium's <c>bpf/lib/common.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 24)]
public readonly record struct Lb6Key
{
    [FieldOffset(0)] private readonly AddressBytes _address;
    [FieldOffset(16)] private readonly ushort _port; // network order
    [FieldOffset(18)] private readonly ushort _slot;
    [FieldOffset(20)] private readonly LbProtocol _protocol;
    [FieldOffset(21)] private readonly LbScope _scope;

    /// <summary>The key of a frontend's master, or of one of its slots.</summary>
    /// <exception cref="ArgumentException">The address is not IPv6.</exception>
    public Lb6Key(IPAddress address, ushort port, LbProtocol protocol, ushort slot = 0, LbScope scope = LbScope.External)
    {
        _address = NetworkOrder.IPv6(address, nameof(address));
        _port = NetworkOrder.Swap(port);
        (_slot, _protocol, _scope) = (slot, protocol, scope);
    }

    /// <summary>The virtual IP.</summary>
    public IPAddress Address => _address.ToAddress(four: false);

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
