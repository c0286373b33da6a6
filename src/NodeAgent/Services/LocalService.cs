namespace KvStoreMesh.NodeAgent.Services;

/// <summary>A service of the own cluster: it has the frontends, and says how backends are chosen.</summary>
public sealed record LocalService
{
    /// <summary><c>namespace/name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is reached.</summary>
    public required IReadOnlyList<ServicePort> Frontends { get; init; }

    /// <summary>Its own backends.</summary>
    public required IReadOnlyList<BackendOffer> Backends { get; init; }

    /// <summary>It takes backends of other clusters.</summary>
    public bool IsGlobal { get; init; }

    /// <summary>Its own backends are offered to other clusters, which is for the exporter to do.</summary>
    public bool IsShared { get; init; }

    /// <summary>Which side is preferred.</summary>
    public ServiceAffinity Affinity { get; init; }

    /// <summary>How long a client stays with its backend, in seconds; 0: every connection anew.</summary>
    public uint AffinitySeconds { get; init; }

    /// <summary>Of its own backends only those on this node are used (<c>internalTrafficPolicy: Local</c>).</summary>
    public bool IsNodeLocal { get; init; }

    /// <summary>Where it was read.</summary>
    public string Source { get; init; } = string.Empty;
}
