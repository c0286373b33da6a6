using KvStoreMesh.Bpf.Environment;
using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.SocketLb;

/// <summary>The bpf_link of one program to one cgroup: the attachment lives as long as a descriptor or a pin refers to it.</summary>
internal static class CgroupLink
{
    /// <summary>Attaches the program and pins the link; or hands it to the link that is pinned already, in one step.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static SocketLbLink Attach(SocketLbProgram program, SafeBpfHandle code, CgroupDirectory cgroup, string pinPath)
    {
        int pinned = BpfSyscall.Get(pinPath);
        if (pinned == -Errno.ENOENT)
        {
            Create(program, code, cgroup, pinPath);
            return new(program.Name, pinPath, LinkOrigin.Created);
        }

        if (pinned < 0)
        {
            throw BpfException.For(BpfCommand.ObjectGet, "open pinned link", pinPath, -pinned);
        }

        using var link = new SafeBpfHandle(pinned);
        if (TryUpdate(program, link, code, cgroup, pinPath))
        {
            return new(program.Name, pinPath, LinkOrigin.Adopted);
        }

        // The new one is attached before the old one goes; in between a call may pass both, and the second finds no frontend any more.
        Create(program, code, cgroup, pinPath);
        return new(program.Name, pinPath, LinkOrigin.Recreated);
    }

    /// <summary>Takes the program off its cgroup, whoever else still refers to the link.</summary>
    public static void Detach(string pinPath)
    {
        int pinned = BpfSyscall.Get(pinPath);
        if (pinned == -Errno.ENOENT)
        {
            return;
        }

        if (pinned < 0)
        {
            throw BpfException.For(BpfCommand.ObjectGet, "open pinned link", pinPath, -pinned);
        }

        using (var link = new SafeBpfHandle(pinned))
        {
            using SafeBpfHandle.Lease held = link.Hold();
            var attributes = new LinkUpdateAttributes { LinkFd = (uint)held.Fd };
            int result = BpfSyscall.Call(BpfCommand.LinkDetach, ref attributes);

            // ENOLINK: the cgroup went before; there is nothing to take the program off.
            if (result is < 0 and not -Errno.ENOLINK)
            {
                throw BpfException.For(BpfCommand.LinkDetach, "detach link", pinPath, -result);
            }
        }

        BpfFileSystem.Unpin(pinPath);
    }

    /// <summary>Swaps the program of a link; false when the link is not one of this program to this cgroup, or its cgroup is gone.</summary>
    private static bool TryUpdate(SocketLbProgram program, SafeBpfHandle link, SafeBpfHandle code, CgroupDirectory cgroup, string pinPath)
    {
        int result = BpfSyscall.Info(link, out CgroupLinkInfo info);
        if (result < 0)
        {
            throw BpfException.For(BpfCommand.ObjectInfo, "read pinned link", pinPath, -result);
        }

        if (info.CgroupId != cgroup.Id || info.AttachType != program.AttachType)
        {
            return false;
        }

        using SafeBpfHandle.Lease heldLink = link.Hold();
        using SafeBpfHandle.Lease heldCode = code.Hold();
        var attributes = new LinkUpdateAttributes { LinkFd = (uint)heldLink.Fd, NewProgramFd = (uint)heldCode.Fd };
        result = BpfSyscall.Call(BpfCommand.LinkUpdate, ref attributes);
        return result switch
        {
            >= 0 => true,
            -Errno.ENOLINK => false,
            _ => throw BpfException.For(BpfCommand.LinkUpdate, "swap the program of link", pinPath, -result),
        };
    }

    private static void Create(SocketLbProgram program, SafeBpfHandle code, CgroupDirectory cgroup, string pinPath)
    {
        using SafeBpfHandle.Lease heldCode = code.Hold();
        using SafeBpfHandle.Lease heldCgroup = cgroup.Handle.Hold();
        var attributes = new LinkCreateAttributes
        {
            ProgramFd = (uint)heldCode.Fd,
            TargetFd = (uint)heldCgroup.Fd,
            AttachType = program.AttachType,
        };
        int fd = BpfSyscall.Call(BpfCommand.LinkCreate, ref attributes);
        if (fd < 0)
        {
            throw BpfException.For(BpfCommand.LinkCreate, $"attach {program.Name} to cgroup", cgroup.Path, -fd);
        }

        using var link = new SafeBpfHandle(fd);
        BpfFileSystem.PinOver(link, "link", pinPath);
    }
}
