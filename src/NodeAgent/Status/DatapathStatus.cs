namespace KvStoreMesh.NodeAgent.Status;

/// <summary>The datapath.</summary>
public sealed record DatapathStatus
{
    /// <summary>What it is and where.</summary>
    public required string Description { get; init; }

    /// <summary>Why it is not as it should be; null if it is.</summary>
    public string? Error { get; init; }

    /// <summary>What failed last, recovered from or not.</summary>
    public string? LastError { get; init; }

    /// <summary>Failed attempts since the start.</summary>
    public long Failures { get; init; }

    /// <summary>Services and rows that are not as they should be.</summary>
    public int Pending { get; init; }

    /// <summary>Services found in pinned maps that nobody has named yet.</summary>
    public int RetainedServices { get; init; }

    /// <summary>Rows found in the pinned ipcache that nobody has named yet.</summary>
    public int RetainedRows { get; init; }

    /// <summary>The maps and how full they are.</summary>
    public required IReadOnlyList<MapStatus> Maps { get; init; }
}
