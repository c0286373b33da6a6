namespace KvStoreMesh.NodeAgent.Status;

/// <summary>One cluster as this agent holds it.</summary>
public sealed record ClusterStatus
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The id; 0 if not known.</summary>
    public required uint Id { get; init; }

    /// <summary>
    /// <c>live</c>, <c>syncing</c>, <c>connecting</c>, <c>stale</c> as the daemon says of its source, <c>unknown</c> before
    /// it does, <c>unannounced</c> if the current daemon does not know the cluster.
    /// </summary>
    public required string State { get; init; }

    /// <summary>Since the source last proved that the daemon is up to date, ms, as of the last heartbeat; goes on without a daemon.</summary>
    public required double AgeMs { get; init; }

    /// <summary>The source revision.</summary>
    public required long Revision { get; init; }

    /// <summary>Nodes, endpoints and services are complete.</summary>
    public required bool Ready { get; init; }

    /// <summary>Complete resources, in lower case.</summary>
    public required IReadOnlyList<string> Synced { get; init; }

    /// <summary>Keys held.</summary>
    public required int Keys { get; init; }

    /// <summary>Nodes held.</summary>
    public required int Nodes { get; init; }

    /// <summary>Endpoint addresses held.</summary>
    public required int Endpoints { get; init; }

    /// <summary>Identities held.</summary>
    public required int Identities { get; init; }

    /// <summary>Services held.</summary>
    public required int Services { get; init; }

    /// <summary>Values that cannot be used.</summary>
    public required int Invalid { get; init; }

    /// <summary>One of them and what is wrong with it; null if there is none.</summary>
    public string? LastInvalid { get; init; }

    /// <summary>Why none of the cluster's values is used; null if they are.</summary>
    public string? Problem { get; init; }
}
