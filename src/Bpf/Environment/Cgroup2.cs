namespace KvStoreMesh.Bpf.Environment;

/// <summary>The cgroup2 hierarchy, to whose directories socket programs are attached.</summary>
public static class Cgroup2
{
    /// <summary>Whether the path exists and belongs to a cgroup2 hierarchy.</summary>
    public static bool Contains(string path) => FileSystemMagic.Is(path, FileSystemMagic.Cgroup2);

    /// <summary>
    /// The root of the hierarchy by its type in the mount table, else null. On hosts that also have cgroup v1 it is not
    /// <c>/sys/fs/cgroup</c> but a directory such as <c>/sys/fs/cgroup/unified</c>.
    /// </summary>
    public static string? FindRoot() => MountTable.MountPointsOf("cgroup2").FirstOrDefault(Contains);
}
