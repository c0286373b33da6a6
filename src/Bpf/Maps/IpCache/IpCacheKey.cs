using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.IpCache;

/// <summary>An IP prefix of either family, in a trie that finds the longest one.</summary>
/// <remarks>24 bytes; must match <c>struct ipcache_key</c> in Cilium's <c>bpf/lib/eps.h</c>. The trie counts cluster, pad and family as 32 bits of prefix.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 24)]
public readonly record struct IpCacheKey
{
    private const int StaticPrefixBits = 32;

    [FieldOffset(0)] private readonly uint _prefixLength;
    [FieldOffset(4)] private readonly ushort _clusterId;
    [FieldOffset(7)] private readonly IpCacheFamily _family;
    [FieldOffset(8)] private readonly AddressBytes _address;

    /// <summary>The key of a prefix. Bits of the address beyond the prefix are cleared, as the trie demands.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The prefix length does not fit the family.</exception>
    public IpCacheKey(IPAddress address, int prefixLength, ushort clusterId = 0)
    {
        bool four = address.AddressFamily == AddressFamily.InterNetwork;
        ArgumentOutOfRangeException.ThrowIfNegative(prefixLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefixLength, four ? 32 : 128);
        _prefixLength = (uint)(StaticPrefixBits + prefixLength);
        _clusterId = clusterId;
        _family = four ? IpCacheFamily.IPv4 : IpCacheFamily.IPv6;
        _address = AddressBytes.Of(address).Masked(prefixLength);
    }

    /// <summary>The key of a single address: /32 or /128.</summary>
    public IpCacheKey(IPAddress address)
        : this(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
    {
    }

    /// <summary>The first address of the prefix.</summary>
    public IPAddress Address => _address.ToAddress(_family == IpCacheFamily.IPv4);

    /// <summary>Bits of the address that count: 0 to 32, or to 128.</summary>
    public int PrefixLength => (int)_prefixLength - StaticPrefixBits;

    /// <summary>The family.</summary>
    public IpCacheFamily Family => _family;

    /// <summary>The cluster of the address where clusters' addresses overlap; else 0.</summary>
    public ushort ClusterId => _clusterId;
}
