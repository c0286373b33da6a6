namespace KvStoreMesh.NodeAgent.Status;

/// <summary>One local endpoint.</summary>
public sealed record EndpointStatus
{
    /// <summary>Its number; 0 if it has none.</summary>
    public required int Id { get; init; }

    /// <summary><c>namespace/name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it gets without being allowed to is dropped.</summary>
    public required bool EnforcesIngress { get; init; }

    /// <summary>What it sends without being allowed to is dropped.</summary>
    public required bool EnforcesEgress { get; init; }

    /// <summary>Its identity; 0 if it has none yet.</summary>
    public required uint Identity { get; init; }

    /// <summary>Its labels, <c>source:key=value</c>.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Its addresses.</summary>
    public required IReadOnlyList<string> Ips { get; init; }

    /// <summary>Where its traffic passes: <c>interface lxc1</c> or <c>cgroup /path</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Cilium's word: <c>ready</c>, <c>not-ready</c>, <c>restoring</c>, <c>invalid</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why it is not ready; null if it is.</summary>
    public string? Problem { get; init; }

    /// <summary>Entries of its policy map.</summary>
    public required int PolicyEntries { get; init; }

    /// <summary>Entries of an earlier run that stay until every cluster has told its identities.</summary>
    public int RetainedEntries { get; init; }
}
