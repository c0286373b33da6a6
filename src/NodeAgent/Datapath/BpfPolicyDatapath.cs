using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.IpCache;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Bpf.PolicyEnforcement;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>Policy in the kernel. Closing it leaves programs and maps in place.</summary>
internal sealed class BpfPolicyDatapath : IPolicyDatapath, IDisposable
{
    private const int MostDropsAtOnce = 1000;

    private readonly CiliumMaps _specs;
    private readonly string _directory;
    private readonly EndpointPins _pins;
    private readonly BpfMap<IpCacheKey, RemoteEndpointInfo> _ipCache;
    private readonly SharedPolicyMaps _shared;
    private readonly Dictionary<ushort, BpfMap<PolicyKey, PolicyEntry>> _maps = [];

    /// <exception cref="IOException">The kernel refused.</exception>
    public BpfPolicyDatapath(BpfDatapathOptions options, CiliumMaps specs, BpfMap<IpCacheKey, RemoteEndpointInfo> ipCache)
    {
        (_specs, _ipCache) = (specs, ipCache);
        _directory = CiliumMaps.PinDirectory(options.BpfFsRoot);
        _pins = options.EndpointPins();
        _shared = SharedPolicyMaps.Open(specs, _directory);
    }

    public IReadOnlyDictionary<ushort, string> Owners() => _pins.Owners();

    /// <summary>A map of another size is replaced: the programs go on with the old one until those of the new one are attached.</summary>
    public IPolicyMap Open(ushort endpoint)
    {
        if (!_maps.TryGetValue(endpoint, out var map))
        {
            _maps.Add(endpoint, map = BpfMap.OpenOrCreatePinned(_specs.Policy(endpoint), _directory, PinMismatch.Replace, out _));
        }

        return new BpfPolicyMap(map);
    }

    public void Attach(ushort endpoint, string owner, string? device, string? cgroup) =>
        EndpointPrograms.Attach(_pins, endpoint, owner, new(device, cgroup), _ipCache, _maps[endpoint], _shared);

    public bool IsAttached(ushort endpoint, string? device, string? cgroup) =>
        EndpointPrograms.IsAttached(_pins, endpoint, new(device, cgroup));

    public void Remove(ushort endpoint)
    {
        EndpointPrograms.Detach(_pins, endpoint);
        if (_maps.Remove(endpoint, out var map))
        {
            map.Dispose();
        }

        File.Delete(Path.Combine(_directory, _specs.Policy(endpoint).Name));
    }

    public IReadOnlyDictionary<MetricsKey, MetricsValue> Counts() => _shared.ReadMetrics();

    public IReadOnlyList<DropEvent> TakeDrops(TimeSpan wait)
    {
        List<DropEvent> drops = [];
        if (_shared.Drops.Wait((int)wait.TotalMilliseconds))
        {
            while (drops.Count < MostDropsAtOnce && _shared.Drops.TryRead(out var dropped))
            {
                drops.Add(dropped);
            }
        }

        return drops;
    }

    public void Dispose()
    {
        foreach (var map in _maps.Values)
        {
            map.Dispose();
        }

        _shared.Dispose();
    }
}
