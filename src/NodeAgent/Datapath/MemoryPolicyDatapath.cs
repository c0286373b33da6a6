using KvStoreMesh.Bpf.Maps.Policy;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>Policy in memory: nothing is enforced, and nothing dropped.</summary>
internal sealed class MemoryPolicyDatapath(int maxEntries) : IPolicyDatapath
{
    private readonly Dictionary<ushort, MemoryPolicyMap> _maps = [];
    private readonly Dictionary<ushort, (string Owner, string Target)> _attached = [];

    public IReadOnlyDictionary<ushort, string> Owners() => _attached.ToDictionary(pair => pair.Key, pair => pair.Value.Owner);

    public IPolicyMap Open(ushort endpoint)
    {
        if (!_maps.TryGetValue(endpoint, out var map))
        {
            _maps.Add(endpoint, map = new(maxEntries));
        }

        return map;
    }

    public void Attach(ushort endpoint, string owner, string? device, string? cgroup) => _attached[endpoint] = (owner, $"{device} {cgroup}");

    public bool IsAttached(ushort endpoint, string? device, string? cgroup) =>
        _attached.TryGetValue(endpoint, out var at) && at.Target == $"{device} {cgroup}";

    public void Remove(ushort endpoint)
    {
        _maps.Remove(endpoint);
        _attached.Remove(endpoint);
    }

    public IReadOnlyDictionary<MetricsKey, MetricsValue> Counts() => new Dictionary<MetricsKey, MetricsValue>();

    public IReadOnlyList<DropEvent> TakeDrops(TimeSpan wait) => [];
}
