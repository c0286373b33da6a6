using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>A client, by its network namespace, and a service with session affinity. Written by the socket programs.</summary>
/// <remarks>16 bytes; must match <c>struct lb4_affinity_key</c> in Cilium's <c>bpf/lib/common.h</c>, whose other kind of client is an address.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public readonly record struct Lb4AffinityKey
{
    private const byte ByNetworkNamespace = 1;

    [FieldOffset(0)] private readonly ulong _client;
    [FieldOffset(8)] private readonly ushort _revNatIndex; // network order
    [FieldOffset(10)] private readonly byte _flags;

    /// <summary>The client in a network namespace, by its cookie.</summary>
    public Lb4AffinityKey(ulong netnsCookie, ushort revNatIndex) =>
        (_client, _revNatIndex, _flags) = (netnsCookie, NetworkOrder.Swap(revNatIndex), ByNetworkNamespace);

    /// <summary>The cookie of the client's network namespace.</summary>
    public ulong NetnsCookie => _client;

    /// <summary>The service's id.</summary>
    public ushort RevNatIndex => NetworkOrder.Swap(_revNatIndex);
}
