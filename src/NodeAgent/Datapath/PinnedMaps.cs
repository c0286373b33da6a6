using System.Globalization;
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

    /// <summary>The pins of policy maps.</summary>
    public static IReadOnlyList<string> PolicyMaps(BpfDatapathOptions options)
    {
        var (directory, prefix) = (CiliumMaps.PinDirectory(options.BpfFsRoot), options.Maps().PolicyPinPrefix);
        return Directory.Exists(directory)
            ? [.. Directory.EnumerateFiles(directory, prefix + "*").Where(path => NumberOf(path, prefix) is not null).Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>The policy maps by endpoint.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static IReadOnlyList<PinnedPolicyMap> ReadPolicies(BpfDatapathOptions options)
    {
        var specs = options.Maps();
        List<PinnedPolicyMap> maps = [];
        foreach (var path in PolicyMaps(options))
        {
            var number = NumberOf(path, specs.PolicyPinPrefix)!.Value;
            using var map = Open(specs.Policy(number), options);
            maps.Add(new(number, path, new BpfPolicyMap(map).Read()));
        }

        return maps;
    }

    private static ushort? NumberOf(string path, string prefix) =>
        ushort.TryParse(Path.GetFileName(path).AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static BpfMap<TKey, TValue> Open<TKey, TValue>(BpfMapSpec<TKey, TValue> spec, BpfDatapathOptions options)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        var path = Path.Combine(CiliumMaps.PinDirectory(options.BpfFsRoot), spec.Name);
        return BpfMap.OpenPinned(spec, path, anySize: true)
            ?? throw new IOException($"no map is pinned at {path}; has an agent run here, with the same --bpf-root and --bpf-map-prefix?");
    }
}
