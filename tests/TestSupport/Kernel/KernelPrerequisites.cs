using KvStoreMesh.Bpf.Environment;

namespace KvStoreMesh.TestSupport.Kernel;

/// <summary>Whether tests can use real eBPF here. Asked once; a bpffs is mounted if there is none.</summary>
public static class KernelPrerequisites
{
    private static readonly Lazy<BpfEnvironment> Probe = new(() => BpfEnvironment.Probe(new() { MountBpfFs = true }));

    /// <summary>Set in CI: a test that cannot run is then a failure, so that nothing turns green by skipping.</summary>
    public static bool Required { get; } =
        System.Environment.GetEnvironmentVariable("REQUIRE_BPF") == "1" ||
        string.Equals(System.Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Why eBPF cannot be used, or null.</summary>
    public static string? Missing => Probe.Value.IsReady ? null : string.Join("; ", Probe.Value.Problems);

    /// <summary>The bpffs and the cgroup2 root, or an exception with what is missing.</summary>
    public static (string BpfFsRoot, string CgroupRoot) Demand() => Probe.Value is { IsReady: true } ready
        ? (ready.BpfFsRoot!, ready.CgroupPath!)
        : throw new InvalidOperationException("eBPF cannot be used here: " + Missing);
}
