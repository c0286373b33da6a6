using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.Policy;

/// <summary>Which traffic an entry of a policy map is about: a trie over direction and identity, then protocol, then leading bits of the port.</summary>
/// <remarks>12 bytes; must match <c>struct policy_key</c> in Cilium's <c>bpf/lib/policy.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 12)]
public readonly record struct PolicyKey
{
    /// <summary>Bits of a key that names identity and direction only.</summary>
    public const int StaticPrefixBits = 40;

    private const int ProtocolBits = 8;
    private const int PortBits = 16;

    [FieldOffset(0)] private readonly uint _prefixLength;
    [FieldOffset(4)] private readonly uint _identity;
    [FieldOffset(8)] private readonly PolicyDirection _direction;
    [FieldOffset(9)] private readonly byte _protocol;
    [FieldOffset(10)] private readonly ushort _port;

    /// <summary>A key. Bits beyond the prefix are cleared, as the trie demands.</summary>
    /// <param name="identity">The remote's security identity; 0 for any.</param>
    /// <param name="direction">Seen from the endpoint.</param>
    /// <param name="protocol">The IP protocol; 0 for any, and then the port does not count.</param>
    /// <param name="port">The destination port, or an ICMP type.</param>
    /// <param name="portPrefixBits">Leading bits of the port that count, 0 to 16.</param>
    public PolicyKey(uint identity, PolicyDirection direction, byte protocol = 0, ushort port = 0, int portPrefixBits = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(portPrefixBits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(portPrefixBits, PortBits);
        int bits = protocol == 0 ? 0 : portPrefixBits;
        _prefixLength = (uint)(StaticPrefixBits + (protocol == 0 ? 0 : ProtocolBits) + bits);
        _identity = identity;
        _direction = direction;
        _protocol = protocol;
        _port = NetworkOrder.Swap((ushort)(port & (0xffff << (PortBits - bits))));
    }

    /// <summary>The remote's security identity; 0 for any.</summary>
    public uint Identity => _identity;

    /// <summary>Seen from the endpoint.</summary>
    public PolicyDirection Direction => _direction;

    /// <summary>The IP protocol; 0 for any.</summary>
    public byte Protocol => _protocol;

    /// <summary>The destination port, or the first one of the range; or an ICMP type.</summary>
    public ushort Port => NetworkOrder.Swap(_port);

    /// <summary>Leading bits of the port that count; 0: any port.</summary>
    public int PortPrefixBits => Math.Max(0, PrefixLength - StaticPrefixBits - ProtocolBits);

    /// <summary>Bits that count: 40 with identity and direction, 48 with the protocol, up to 64 with the port.</summary>
    public int PrefixLength => (int)_prefixLength;
}
