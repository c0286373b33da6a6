using KvStoreMesh.NodeAgent.Termination;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>
/// Where desired state goes: the kernel, or memory. Closing it leaves everything in place, so that traffic goes on.
/// </summary>
public interface IDatapath : IDisposable
{
    /// <summary>One line for status: what it is and where.</summary>
    string Description { get; }

    /// <summary>Services.</summary>
    ILoadBalancerMaps LoadBalancer { get; }

    /// <summary>Addresses and identities.</summary>
    IIpCacheMap IpCache { get; }

    /// <summary>Policy of local endpoints; null if none is to be enforced.</summary>
    IPolicyDatapath? Policy { get; }

    /// <summary>The sockets that were led to backends; null where none are.</summary>
    ITranslatedSockets? Sockets { get; }

    /// <summary>Looks whether what steers traffic is still in place, and puts it back; null, or why it could not.</summary>
    string? Maintain();

    /// <summary>Name and size of each map that can fill up.</summary>
    DatapathLimits Limits { get; }
}
