using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Environment;

/// <summary>
/// Held by the process that writes the pinned maps of one prefix. It is a lock on a directory of the bpffs itself, since that
/// is what the writers share, whatever their namespaces and sockets; the kernel drops it when the process ends.
/// </summary>
public sealed class PinLock : IDisposable
{
    private readonly SafeBpfHandle _directory;

    private PinLock(SafeBpfHandle directory) => _directory = directory;

    /// <summary>Where the lock of a prefix is: <c>kvstoremesh/&lt;prefix&gt;node_agent</c> below the root.</summary>
    public static string PathOf(string bpfFsRoot, string prefix) => Path.Combine(bpfFsRoot, "kvstoremesh", prefix + "node_agent");

    /// <summary>Takes the lock; null if another process, or another holder in this one, has it.</summary>
    /// <param name="path">A directory on a bpffs; made if it is missing, and left there.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static PinLock? TryAcquire(string path)
    {
        BpfFileSystem.CreateDirectory(path);
        int fd = Libc.Open(path, Libc.OpenCloseOnExec);
        if (fd < 0)
        {
            throw BpfException.For("open", path, Libc.LastError, null);
        }

        var directory = new SafeBpfHandle(fd);
        using SafeBpfHandle.Lease held = directory.Hold();
        if (Libc.Flock(held.Fd, Libc.LockExclusive | Libc.LockNonBlocking) >= 0)
        {
            return new(directory);
        }

        int errno = Libc.LastError;
        directory.Dispose();
        return errno == Errno.EAGAIN ? null : throw BpfException.For("lock", path, errno, null);
    }

    /// <summary>Lets go.</summary>
    public void Dispose() => _directory.Dispose();
}
