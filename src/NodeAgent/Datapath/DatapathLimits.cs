namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>The largest number of entries of each map.</summary>
public sealed record DatapathLimits
{
    /// <summary>Cilium's default of <c>bpf-lb-map-max</c>.</summary>
    public const int DefaultLoadBalancerEntries = 65536;

    /// <summary>Cilium's size of the ipcache.</summary>
    public const int DefaultIpCacheEntries = 512000;

    /// <summary>Cilium's default of <c>bpf-sock-rev-map-max</c>.</summary>
    public const int DefaultSocketEntries = 262144;

    /// <summary>Of the service map of each family.</summary>
    public int Services { get; init; } = DefaultLoadBalancerEntries;

    /// <summary>Of the backend map of each family.</summary>
    public int Backends { get; init; } = DefaultLoadBalancerEntries;

    /// <summary>Of the reverse NAT map of each family.</summary>
    public int ReverseNat { get; init; } = DefaultLoadBalancerEntries;

    /// <summary>Of the affinity maps: remembered choices of each family, and pairs of backend and service.</summary>
    public int Affinity { get; init; } = DefaultLoadBalancerEntries;

    /// <summary>Of the map of translated sockets of each family.</summary>
    public int Sockets { get; init; } = DefaultSocketEntries;

    /// <summary>Of the ipcache.</summary>
    public int IpCache { get; init; } = DefaultIpCacheEntries;

    /// <summary>Of each endpoint's policy map, as Cilium's <c>bpf-policy-map-max</c>.</summary>
    public int Policy { get; init; } = 16384;

    /// <summary>Of the flows that policy remembers.</summary>
    public int Conntrack { get; init; } = 65536;
}
