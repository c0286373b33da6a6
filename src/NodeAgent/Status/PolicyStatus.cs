using KvStoreMesh.NodeAgent.Manifests;

namespace KvStoreMesh.NodeAgent.Status;

/// <summary>Policy on this node.</summary>
public sealed record PolicyStatus
{
    /// <summary>Cilium's <c>enable-policy</c>: <c>default</c>, <c>always</c> or <c>never</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Peers that mention no cluster are of the local one.</summary>
    public required bool DefaultsToLocalCluster { get; init; }

    /// <summary>The files of the policy directory.</summary>
    public required IReadOnlyList<ManifestFileStatus> PolicyFiles { get; init; }

    /// <summary>The files of the endpoint directory.</summary>
    public required IReadOnlyList<ManifestFileStatus> EndpointFiles { get; init; }

    /// <summary>Why a directory cannot be read; null if both can.</summary>
    public string? DirectoryProblem { get; init; }

    /// <summary>A file has never been usable since the start: what an earlier run enforced is left as it is.</summary>
    public bool Frozen { get; init; }

    /// <summary>The specs in force.</summary>
    public required IReadOnlyList<PolicySpecStatus> Specs { get; init; }

    /// <summary>Local endpoints.</summary>
    public required int Endpoints { get; init; }

    /// <summary>Those that are ready.</summary>
    public required int ReadyEndpoints { get; init; }

    /// <summary>What has passed and been dropped.</summary>
    public required IReadOnlyList<TrafficStatus> Traffic { get; init; }
}
