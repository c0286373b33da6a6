using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Environment;

/// <summary>What this process can do with eBPF here and now. Probing takes a few milliseconds and changes nothing but a mount that was asked for.</summary>
public sealed record BpfEnvironment
{
    private BpfEnvironment(string? bpfFsRoot, string? cgroupPath, IReadOnlyList<string> problems) =>
        (BpfFsRoot, CgroupPath, Problems) = (bpfFsRoot, cgroupPath, problems);

    /// <summary>The bpffs to pin in; null when there is none.</summary>
    public string? BpfFsRoot { get; }

    /// <summary>The cgroup2 directory to attach to; null when there is none.</summary>
    public string? CgroupPath { get; }

    /// <summary>All that stands in the way, one line each with the way out. Empty: maps, pins and socket programs will work.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>Nothing stands in the way.</summary>
    public bool IsReady => Problems.Count == 0;

    /// <summary>Looks at the capabilities, the kernel, the bpffs and the cgroup2 hierarchy.</summary>
    public static BpfEnvironment Probe(BpfEnvironmentOptions options)
    {
        var problems = new List<string>();
        ProbeKernel(problems);
        string? root = ProbeBpfFs(options, problems);
        string? cgroup = ProbeCgroup(options, problems);
        return new(root, cgroup, problems);
    }

    private static void ProbeKernel(List<string> problems)
    {
        ThreadCapabilities capabilities = ThreadCapabilities.Read();
        if (!capabilities.HasBpf)
        {
            problems.Add("the capability CAP_BPF is missing; run as root, or grant it (docker: --cap-add BPF --cap-add NET_ADMIN)");
        }

        if (!capabilities.HasNetAdmin)
        {
            problems.Add("the capability CAP_NET_ADMIN is missing; run as root, or grant it (docker: --cap-add BPF --cap-add NET_ADMIN)");
        }

        if (problems.Count > 0)
        {
            return;
        }

        // BPF_MAP_TYPE_LPM_TRIE with BPF_F_NO_PREALLOC: what a kernel is most likely to lack.
        var trie = new MapCreateAttributes { Type = 11, KeySize = 8, ValueSize = 4, MaxEntries = 1, Flags = 1 };
        int fd = BpfSyscall.Call(BpfCommand.MapCreate, ref trie);
        if (fd >= 0)
        {
            new SafeBpfHandle(fd).Dispose();
        }
        else
        {
            problems.Add(BpfException.For(BpfCommand.MapCreate, "create", "a map for a trial", -fd).Message);
        }
    }

    private static string? ProbeBpfFs(BpfEnvironmentOptions options, List<string> problems)
    {
        string? root = options.BpfFsRoot ?? BpfFileSystem.Find();
        if (root is not null && BpfFileSystem.Contains(root))
        {
            return root;
        }

        root ??= BpfFileSystem.DefaultRoot;
        if (!options.MountBpfFs)
        {
            problems.Add($"no bpffs is mounted on {root}; mount it: mount -t bpf -o mode=0700 bpf {root} (in a container, bind the host's: -v {root}:{root})");
            return null;
        }

        try
        {
            BpfFileSystem.Mount(root);
            return root;
        }
        catch (BpfException e)
        {
            problems.Add(e.Message);
            return null;
        }
    }

    private static string? ProbeCgroup(BpfEnvironmentOptions options, List<string> problems)
    {
        if (options.CgroupPath is { } given)
        {
            if (Cgroup2.Contains(given))
            {
                return given;
            }

            problems.Add(Directory.Exists(given)
                ? $"{given} is not in a cgroup2 hierarchy (it may be cgroup v1); give a directory of the mount that has type cgroup2 in /proc/self/mountinfo"
                : $"the cgroup2 directory {given} does not exist");
            return null;
        }

        if (Cgroup2.FindRoot() is { } root)
        {
            return root;
        }

        problems.Add("no cgroup2 hierarchy is mounted; mount it: mount -t cgroup2 none /run/cilium/cgroupv2 (in a container, bind the host's)");
        return null;
    }
}
