using KvStoreMesh.NodeAgent.LoadBalancing;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>The maps of the socket load balancer, both families: services, backends, reverse NAT, affinity matches.</summary>
public interface ILoadBalancerMaps
{
    /// <summary>Reads everything. Nobody else writes meanwhile.</summary>
    LoadBalancerContents Read();

    /// <summary>Writes in order; readers see each write before the next one. Stops at the first that fails.</summary>
    WriteResult Write(IReadOnlyList<LoadBalancerOperation> operations);
}
