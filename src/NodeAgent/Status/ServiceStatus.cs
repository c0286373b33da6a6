namespace KvStoreMesh.NodeAgent.Status;

/// <summary>One frontend.</summary>
public sealed record ServiceStatus
{
    /// <summary>Its id in the datapath; 0 if it is not there yet.</summary>
    public required int Id { get; init; }

    /// <summary><c>10.0.0.1:80/TCP</c>.</summary>
    public required string Frontend { get; init; }

    /// <summary><c>namespace/name</c>.</summary>
    public required string Service { get; init; }

    /// <summary><c>ClusterIP</c>.</summary>
    public required string Type { get; init; }

    /// <summary>How long a client stays with its backend, seconds, as in the datapath; 0: every connection anew.</summary>
    public uint SessionAffinitySeconds { get; init; }

    /// <summary>The service takes backends of other clusters.</summary>
    public bool Global { get; init; }

    /// <summary><c>local</c>, <c>remote</c> or <c>none</c>.</summary>
    public required string Affinity { get; init; }

    /// <summary>As in the datapath, by slot.</summary>
    public required IReadOnlyList<BackendStatus> Backends { get; init; }
}
