using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Environment;

/// <summary>
/// The bpffs, where pins keep maps and links alive. Every mount is an instance of its own with its own pins; no name in it may have a dot.
/// </summary>
public static class BpfFileSystem
{
    /// <summary>Where Cilium and everybody else expects it.</summary>
    public const string DefaultRoot = "/sys/fs/bpf";

    /// <summary>Whether the path exists and lies on a bpffs.</summary>
    public static bool Contains(string path) => FileSystemMagic.Is(path, FileSystemMagic.BpfFs);

    /// <summary>The bpffs to use: <see cref="DefaultRoot"/>, else the first one in the mount table, else null.</summary>
    public static string? Find() =>
        Contains(DefaultRoot) ? DefaultRoot : MountTable.MountPointsOf("bpf").FirstOrDefault(Contains);

    /// <summary>
    /// Mounts a bpffs that only its owner enters (the kernel's default lets anyone pin), unless one is there already.
    /// Processes that do so at the same time end up with one instance.
    /// </summary>
    /// <param name="root">An existing directory.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static void Mount(string root = DefaultRoot)
    {
        int fd = Libc.Open(root, Libc.OpenCloseOnExec);
        if (fd < 0)
        {
            throw BpfException.For("open", root, Libc.LastError, "give an existing directory to mount a bpffs on");
        }

        // The lock is on the directory below the mount: a second instance over the first would hide its pins.
        using var directory = new SafeBpfHandle(fd);
        using SafeBpfHandle.Lease held = directory.Hold();
        if (Libc.Flock(held.Fd, Libc.LockExclusive) < 0)
        {
            throw BpfException.For("lock", root, Libc.LastError, null);
        }

        if (!Contains(root) && Libc.Mount("bpf", root, "bpf", 0, "mode=0700") < 0)
        {
            throw BpfException.For("mount a bpffs on", root, Libc.LastError, "it needs the capability CAP_SYS_ADMIN; in a container bind the host's (-v /sys/fs/bpf:/sys/fs/bpf)");
        }
    }

    /// <summary>Creates the directory and those above it that are missing, each with mode 0700.</summary>
    internal static void CreateDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        string parent = Path.GetDirectoryName(path) ?? throw BpfException.For(BpfCommand.ObjectPin, "create pin directory", path, Errno.ENOENT);
        CreateDirectory(parent);

        // Asked before: outside of a bpffs the directory would come into being, and only the pin would fail.
        int errno = !Contains(parent) ? Errno.EPERM : Libc.MakeDirectory(path, Libc.OwnerOnly) < 0 ? Libc.LastError : 0;
        if (errno is not (0 or Errno.EEXIST))
        {
            throw BpfException.For(BpfCommand.ObjectPin, "create pin directory", path, errno);
        }
    }

    /// <summary>Pins in place of what is there, so that no moment is without a pin. The directory must exist.</summary>
    internal static void PinOver(SafeBpfHandle handle, string kind, string path)
    {
        string fresh = path + "_new";
        Unpin(fresh);
        int result = BpfSyscall.Pin(handle, fresh);
        if (result >= 0 && Libc.Rename(fresh, path) < 0)
        {
            result = -Libc.LastError;
        }

        if (result < 0)
        {
            throw BpfException.For(BpfCommand.ObjectPin, $"pin {kind} at", path, -result);
        }
    }

    /// <summary>Removes a pin; none there is no error.</summary>
    internal static void Unpin(string path)
    {
        if (Libc.Unlink(path) < 0 && Libc.LastError is var errno and not Errno.ENOENT)
        {
            throw BpfException.For("unpin", path, errno, null);
        }
    }
}
