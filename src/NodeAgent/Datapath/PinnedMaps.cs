using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.LoadBalancing;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>Reads the pinned maps without owning them, whatever their size.</summary>
internal static class PinnedMaps
{
    /// <exception cref="IOException">No such map is pinned, or the kernel refused.</exception>
    public static LoadBalancerContents ReadLoadBalancer(BpfDatapathOptions options)
    {
        var specs = options.Maps();
        using var services4 = Open(specs.Services4, options);
        using var services6 = Open(specs.Services6, options);
        using var backends4 = Open(specs.Backends4, options);
        using var backends6 = Open(specs.Backends6, options);
        using var reverseNat4 = Open(specs.ReverseNat4, options);
        using var reverseNat6 = Open(specs.ReverseNat6, options);
        using var affinityMatch = Open(specs.AffinityMatch, options);
        return LoadBalancerReading.Read(services4, services6, backends4, backends6, reverseNat4, reverseNat6, affinityMatch);
    }

    /// <exception cref="IOException">No such map is pinned, or the kernel refused.</exception>
    public static Dictionary<IpPrefix, IpCacheEntry> ReadIpCache(BpfDatapathOptions options)
    {
        using var map = Open(options.Maps().IpCache, options);
        return new BpfIpCacheMap(map).Read();
    }

    private static BpfMap<TKey, TValue> Open<TKey, TValue>(BpfMapSpec<TKey, TValue> spec, BpfDatapathOptions options)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        var path = Path.Combine(CiliumMaps.PinDirectory(options.BpfFsRoot), spec.Name);
        return BpfMap.OpenPinned(spec, path, anySize: true)
            ?? throw new IOException($"no map is pinned at {path}; has an agent run here, with the same --bpf-root and --bpf-map-prefix?");
    }
}
