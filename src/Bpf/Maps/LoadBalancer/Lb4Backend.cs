using System.Net;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>A backend, keyed by its u32 id (1 or more, in the host's order), which all services that use it share.</summary>
/// <remarks>12 bytes; must match <c>struct lb4_backend</c> in Cilium's <c>bpf/lib/common.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 12)]
public readonly record struct Lb4Backend
{
    [FieldOffset(0)] private readonly uint _address; // network order
    [FieldOffset(4)] private readonly ushort _port; // network order
    [FieldOffset(6)] private readonly LbProtocol _protocol;
    [FieldOffset(7)] private readonly LbBackendState _state;
    [FieldOffset(8)] private readonly ushort _clusterId;
    [FieldOffset(10)] private readonly byte _zone;

    /// <summary>A backend. Cilium leaves the cluster ID 0 for backends of remote clusters.</summary>
    /// <exception cref="ArgumentException">The address is not IPv4.</exception>
    public Lb4Backend(
        IPAddress address, ushort port, LbProtocol protocol, LbBackendState state = LbBackendState.Active, ushort clusterId = 0, byte zone = 0)
    {
        _address = NetworkOrder.IPv4(address, nameof(address));
        _port = NetworkOrder.Swap(port);
        (_protocol, _state, _clusterId, _zone) = (protocol, state, clusterId, zone);
    }

    /// <summary>Where it listens.</summary>
    public IPAddress Address => NetworkOrder.ToIPv4(_address);

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
