using KvStoreMesh.NodeAgent.Termination;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>
/// A datapath without a kernel: for machines that may not load eBPF, when told so, and for tests. Nothing outlives the process.
/// </summary>
public sealed class MemoryDatapath : IDatapath
{
    private readonly MemoryLoadBalancerMaps _loadBalancer;
    private readonly MemoryIpCacheMap _ipCache;

    /// <summary>Creates empty maps of the given sizes.</summary>
    public MemoryDatapath(DatapathLimits limits)
    {
        Limits = limits;
        _loadBalancer = new MemoryLoadBalancerMaps(limits);
        _ipCache = new MemoryIpCacheMap(limits.IpCache);
        Policy = new MemoryPolicyDatapath(limits.Policy);
    }

    /// <inheritdoc />
    public string Description => "memory: no traffic is steered";

    /// <inheritdoc />
    public ILoadBalancerMaps LoadBalancer => _loadBalancer;

    /// <inheritdoc />
    public IIpCacheMap IpCache => _ipCache;

    /// <inheritdoc />
    public IPolicyDatapath? Policy { get; }

    /// <inheritdoc />
    public DatapathLimits Limits { get; }

    /// <inheritdoc />
    public ITranslatedSockets? Sockets => null;

    /// <inheritdoc />
    public string? Maintain() => null;

    /// <inheritdoc />
    public void Dispose()
    {
    }
}
