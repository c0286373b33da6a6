using System.Net;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>A backend, keyed by its u32 id (1 or more, in the host's order), which all services that use it share.</summary>
/// <remarks>24 bytes; must match <c>struct lb6_backend</c> in Cilium's <c>bpf/lib/common.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 24)]
public readonly record struct Lb6Backend
{
    [FieldOffset(0)] private readonly AddressBytes _address;
    [FieldOffset(16)] private readonly ushort _port; // network order
    [FieldOffset(18)] private readonly LbProtocol _protocol;
    [FieldOffset(19)] private readonly LbBackendState _state;
    [FieldOffset(20)] private readonly ushort _clusterId;
    [FieldOffset(22)] private readonly byte _zone;

    /// <summary>A backend. Cilium leaves the cluster ID 0 for backends of remote clusters.</summary>
    /// <exception cref="ArgumentException">The address is not IPv6.</exception>
    public Lb6Backend(
        IPAddress address, ushort port, LbProtocol protocol, LbBackendState state = LbBackendState.Active, ushort clusterId = 0, byte zone = 0)
    {
        _address = NetworkOrder.IPv6(address, nameof(address));
        _port = NetworkOrder.Swap(port);
        (_protocol, _state, _clusterId, _zone) = (protocol, state, clusterId, zone);
    }

    /// <summary>Where it listens.</summary>
    public IPAddress Address => _address.ToAddress(four: false);

    /// <summary>Where it listens.</summary>
    public ushort Port => NetworkOrder.Swap(_port);

    /// <summary>The transport.</summary>
    public LbProtocol Protocol => _protocol;

    /// <summary>Its state.</summary>
    public LbBackendState State => _state;

    /// <summary>The cluster of the address where clusters' addresses overlap; else 0.</summary>
    public ushort ClusterId => _clusterId;

    /// <summary>The zone by the fixed zone mapping; 0 for none.</summary>
    public byte Zone => _zone;
}
