namespace KvStoreMesh.NodeAgent.Status;

/// <summary>Why a service has the backends it has.</summary>
public sealed record WhyStatus
{
    /// <summary><c>namespace/name</c>.</summary>
    public required string Service { get; init; }

    /// <summary>The own cluster's service, in one line; null if it has none.</summary>
    public string? Local { get; init; }

    /// <summary>What each other cluster published, one line each.</summary>
    public required IReadOnlyList<string> Published { get; init; }

    /// <summary>The frontends.</summary>
    public required IReadOnlyList<WhyFrontend> Frontends { get; init; }
}
