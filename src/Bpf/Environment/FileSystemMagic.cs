using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Environment;

/// <summary>The kind of file system a path lies on, by the magic number of statfs(2).</summary>
internal static unsafe class FileSystemMagic
{
    public const uint BpfFs = 0xcafe4a11;
    public const uint Cgroup2 = 0x63677270;

    /// <summary>False as well for a path that does not exist.</summary>
    public static bool Is(string path, uint magic)
    {
        // struct statfs has 120 bytes on both architectures and begins with f_type, a long.
        byte* buffer = stackalloc byte[256];
        return Libc.StatFs(path, buffer) == 0 && (uint)*(long*)buffer == magic;
    }
}
