using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.SocketLb;

/// <summary>An opened cgroup, to attach to, and its id, to recognise links by.</summary>
internal sealed unsafe class CgroupDirectory : IDisposable
{
    private CgroupDirectory(SafeBpfHandle handle, string path, ulong id) => (Handle, Path, Id) = (handle, path, id);

    public SafeBpfHandle Handle { get; }

    public string Path { get; }

    /// <summary>The kernel's id of the cgroup, which is the inode number of its directory.</summary>
    public ulong Id { get; }

    /// <exception cref="BpfException">The directory cannot be opened.</exception>
    public static CgroupDirectory Open(string path)
    {
        int fd = Libc.Open(path, Libc.OpenCloseOnExec);
        if (fd < 0)
        {
            throw BpfException.For("open the cgroup", path, Libc.LastError, "give a directory of the mount that has type cgroup2 in /proc/self/mountinfo");
        }

        // struct statx has 256 bytes; stx_ino stands at 32.
        byte* buffer = stackalloc byte[256];
        if (Libc.Statx(Libc.AtCurrentDirectory, path, 0, Libc.StatxInode, buffer) < 0)
        {
            int errno = Libc.LastError;
            new SafeBpfHandle(fd).Dispose();
            throw BpfException.For("read the id of the cgroup", path, errno, null);
        }

        return new(new SafeBpfHandle(fd), path, *(ulong*)(buffer + 32));
    }

    public void Dispose() => Handle.Dispose();
}
