namespace KvStoreMesh.Core.Keys;

/// <summary>
/// What a mirrored key describes. The numbers are those of <c>kvstoremesh.v1.ResourceKind</c> on the wire, and their
/// order is the order in which a reader wants them: a config before the data, an identity before the IP that has it.
/// </summary>
public enum ResourceKind
{
    /// <summary>The cluster's own <c>cilium/cluster-config/&lt;c&gt;</c>.</summary>
    ClusterConfig = 1,

    /// <summary>Security identities: numeric id → labels.</summary>
    Identities = 2,

    /// <summary>Nodes with their addresses and pod CIDRs.</summary>
    Nodes = 3,

    /// <summary>Endpoint IPs: IP → identity and node.</summary>
    Endpoints = 4,

    /// <summary>Shared global services with their backends.</summary>
    Services = 5,

    /// <summary>Endpoint slices of global services (Cilium 1.20 and later).</summary>
    EndpointSlices = 6,

    /// <summary>MCS-API service exports.</summary>
    ServiceExports = 7,
}
