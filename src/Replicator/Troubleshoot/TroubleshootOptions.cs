namespace KvStoreMesh.Replicator.Troubleshoot;

/// <summary>What <c>kvstoremesh troubleshoot</c> was told.</summary>
internal sealed record TroubleshootOptions
{
    /// <summary>Only these clusters; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>The directory of remote clusters; null to ask the daemon, or Cilium's.</summary>
    public string? Directory { get; init; }

    /// <summary>The configuration of the local cluster's etcd; null if it is not to be looked at.</summary>
    public string? LocalState { get; init; }

    /// <summary>The local cluster's name; null to ask the daemon.</summary>
    public string? LocalCluster { get; init; }

    /// <summary>Its id; 0 if it is not known.</summary>
    public uint LocalClusterId { get; init; }

    /// <summary>For each step that waits for a peer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where the daemon answers, if it runs.</summary>
    public required string Daemon { get; init; }
}
