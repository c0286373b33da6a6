namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>What one session may make the agent hold. Beyond any of them the session ends.</summary>
public sealed record AssemblerLimits
{
    /// <summary>Bytes of names and values of all unfinished groups and snapshots together.</summary>
    public long MaxStagedBytes { get; init; } = 512L << 20;

    /// <summary>Bytes of a compressed chunk once it is decompressed.</summary>
    public int MaxChunkBytes { get; init; } = 16 << 20;

    /// <summary>Clusters of one session: Cilium's largest mesh, and the local one.</summary>
    public int MaxClusters { get; init; } = 512;

    /// <summary>Characters of a key's name.</summary>
    public int MaxNameLength { get; init; } = 4096;
}
