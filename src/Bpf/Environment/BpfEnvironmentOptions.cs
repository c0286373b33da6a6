namespace KvStoreMesh.Bpf.Environment;

/// <summary>What the operator said about the environment; everything left out is looked for.</summary>
public sealed record BpfEnvironmentOptions
{
    /// <summary>The bpffs to pin in; null to look for one.</summary>
    public string? BpfFsRoot { get; init; }

    /// <summary>Mount a bpffs (mode 0700) where none is.</summary>
    public bool MountBpfFs { get; init; }

    /// <summary>The cgroup2 directory to attach to; null for the root of the hierarchy.</summary>
    public string? CgroupPath { get; init; }
}
