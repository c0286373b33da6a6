using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Links;

/// <summary>What a program is attached to: an opened cgroup, or an interface of the calling thread's network namespace.</summary>
internal sealed unsafe class LinkTarget : IDisposable
{
    // enum bpf_link_type in linux/bpf.h
    private const uint CgroupType = 3;
    private const uint TcxType = 11;

    private readonly SafeBpfHandle? _cgroup;
    private readonly ulong _id;

    private LinkTarget(SafeBpfHandle? cgroup, ulong id, string name) => (_cgroup, _id, Name) = (cgroup, id, name);

    /// <summary>The cgroup's directory, or the interface's name.</summary>
    public string Name { get; }

    /// <exception cref="BpfException">The directory cannot be opened.</exception>
    public static LinkTarget Cgroup(string path)
    {
        int fd = Libc.Open(path, Libc.OpenCloseOnExec);
        if (fd < 0)
        {
            throw BpfException.For("open the cgroup", path, Libc.LastError, "give a directory of the mount that has type cgroup2 in /proc/self/mountinfo");
        }

        // struct statx has 256 bytes; stx_ino stands at 32. It is the kernel's id of the cgroup, to recognise links by.
        byte* buffer = stackalloc byte[256];
        if (Libc.Statx(Libc.AtCurrentDirectory, path, 0, Libc.StatxInode, buffer) < 0)
        {
            int errno = Libc.LastError;
            new SafeBpfHandle(fd).Dispose();
            throw BpfException.For("read the id of the cgroup", path, errno, null);
        }

        return new(new SafeBpfHandle(fd), *(ulong*)(buffer + 32), path);
    }

    /// <exception cref="BpfException">There is no such interface in this network namespace.</exception>
    public static LinkTarget Interface(string name)
    {
        uint index = Libc.InterfaceIndex(name);
        return index != 0
            ? new(null, index, name)
            : throw BpfException.For("find the interface", name, Libc.LastError, "it must be in the network namespace of this process");
    }

    /// <summary>The link leads to this very target by this kind of attachment; it does not when the target is gone.</summary>
    public bool Matches(in LinkInfo link, uint attachType) => _cgroup is not null
        ? link.Type == CgroupType && link.CgroupId == _id && link.CgroupAttachType == attachType
        : link.Type == TcxType && link.InterfaceIndex == _id && link.TcxAttachType == attachType;

    /// <summary>Makes a link; the result is a descriptor or a negative errno.</summary>
    public int CreateLink(SafeBpfHandle program, uint attachType)
    {
        using SafeBpfHandle.Lease heldProgram = program.Hold();
        var attributes = new LinkCreateAttributes { ProgramFd = (uint)heldProgram.Fd, TargetFd = (uint)_id, AttachType = attachType };
        if (_cgroup is null)
        {
            return BpfSyscall.Call(BpfCommand.LinkCreate, ref attributes);
        }

        using SafeBpfHandle.Lease heldCgroup = _cgroup.Hold();
        attributes.TargetFd = (uint)heldCgroup.Fd;
        return BpfSyscall.Call(BpfCommand.LinkCreate, ref attributes);
    }

    public void Dispose() => _cgroup?.Dispose();
}
