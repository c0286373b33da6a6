using System.Net;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.NodeAgent.Policy;

namespace KvStoreMesh.NodeAgent.Agent;

/// <summary>Who this agent is, and its patience.</summary>
public sealed record MeshAgentOptions
{
    /// <summary>This node.</summary>
    public required string NodeName { get; init; }

    /// <summary>This node's cluster; null: as the daemon says.</summary>
    public ClusterName? ClusterName { get; init; }

    /// <summary>This node's address: never a tunnel endpoint. Null if not told.</summary>
    public IPAddress? NodeIp { get; init; }

    /// <summary>
    /// How long entries found in pinned maps may wait for all clusters; after it, those go whose owner is complete.
    /// </summary>
    public TimeSpan SyncTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The own cluster's services come from manifests, given to <see cref="MeshAgent.SetServices"/>, beside its store.</summary>
    public bool HasManifests { get; init; }

    /// <summary>Backends of clusters that cannot be reached stand back behind others.</summary>
    public bool PrefersReachable { get; init; }

    /// <summary>How long the services of a cluster that does not answer are trusted; null: for ever.</summary>
    public TimeSpan? ServiceTtl { get; init; }

    /// <summary>How often it is checked that the socket programs are in place.</summary>
    public TimeSpan InspectInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the maps are read again and repaired.</summary>
    public TimeSpan ReconcileInterval { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How policy of local endpoints is meant.</summary>
    public PolicyEnforcerOptions Policy { get; init; } = new();

    /// <summary>How often it is checked that the programs are on every endpoint, whose interface may come and go.</summary>
    public TimeSpan AttachInterval { get; init; } = TimeSpan.FromSeconds(2);
}
