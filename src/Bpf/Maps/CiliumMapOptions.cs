namespace KvStoreMesh.Bpf.Maps;

/// <summary>Names and sizes of the maps; the defaults are Cilium's.</summary>
public sealed record CiliumMapOptions
{
    /// <summary>Put before every map name, so that several agents share a bpffs: letters, digits, underscores and hyphens. Cilium's tools know only the empty one.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Most service entries, slots included (<c>bpf-lb-service-map-max</c>).</summary>
    public uint ServiceEntries { get; init; } = 65536;

    /// <summary>Most backends (<c>bpf-lb-service-backend-map-max</c>).</summary>
    public uint BackendEntries { get; init; } = 65536;

    /// <summary>Most service ids (<c>bpf-lb-rev-nat-map-max</c>); the id space ends at 65535.</summary>
    public uint ReverseNatEntries { get; init; } = 65536;

    /// <summary>Most translated sockets (<c>bpf-sock-rev-map-max</c>). This map is allocated at once: 88 bytes an entry.</summary>
    public uint SocketReverseNatEntries { get; init; } = 262144;

    /// <summary>Most remembered choices of session affinity, and most pairs of service and backend with it (<c>bpf-lb-affinity-map-max</c>).</summary>
    public uint AffinityEntries { get; init; } = 65536;

    /// <summary>Most IP prefixes; fixed in Cilium.</summary>
    public uint IpCacheEntries { get; init; } = 512000;

    /// <summary>Most entries of each endpoint's policy map (<c>bpf-policy-map-max</c>).</summary>
    public uint PolicyEntries { get; init; } = 16384;

    /// <summary>Most flows that policy enforcement remembers. This map is allocated at once: about 130 bytes an entry.</summary>
    public uint ConntrackEntries { get; init; } = 65536;

    /// <summary>Bytes of the ring that reports dropped packets: a power of two and a multiple of the page size.</summary>
    public uint DropRingBytes { get; init; } = 256 << 10;

    /// <summary>Allocate the hash maps at once (<c>preallocate-bpf-maps</c>): faster writes, more memory.</summary>
    public bool Preallocate { get; init; }
}
