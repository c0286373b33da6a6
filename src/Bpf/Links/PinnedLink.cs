using KvStoreMesh.Bpf.Environment;
using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Links;

/// <summary>The bpf_link of one program to one target: the attachment lives as long as a descriptor or a pin refers to it.</summary>
internal static class PinnedLink
{
    /// <summary>Attaches the program and pins the link; or hands it to the link that is pinned already, in one step.</summary>
    /// <param name="name">The program's name, for messages.</param>
    /// <param name="program">The loaded program.</param>
    /// <param name="attachType">A number of <c>enum bpf_attach_type</c>.</param>
    /// <param name="target">What to attach to.</param>
    /// <param name="pinPath">The link's pin; its directory must exist.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static LinkOrigin Attach(string name, SafeBpfHandle program, uint attachType, LinkTarget target, string pinPath)
    {
        using SafeBpfHandle? link = Open(pinPath);
        if (link is not null && TryUpdate(link, program, attachType, target, pinPath))
        {
            return LinkOrigin.Adopted;
        }

        // The new one is attached before the old one goes, whose place in the bpffs it takes; in between both are asked.
        Create(name, program, attachType, target, pinPath);
        return link is null ? LinkOrigin.Created : LinkOrigin.Recreated;
    }

    /// <summary>What is pinned there is a link of this kind to this target.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static bool IsAttached(uint attachType, LinkTarget target, string pinPath)
    {
        using SafeBpfHandle? link = Open(pinPath);
        return link is not null && target.Matches(Info(link, pinPath), attachType);
    }

    /// <summary>Takes the program off its target, whoever else still refers to the link.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static void Detach(string pinPath)
    {
        using SafeBpfHandle? link = Open(pinPath);
        if (link is null)
        {
            return;
        }

        using (SafeBpfHandle.Lease held = link.Hold())
        {
            var attributes = new LinkUpdateAttributes { LinkFd = (uint)held.Fd };
            int result = BpfSyscall.Call(BpfCommand.LinkDetach, ref attributes);

            // ENOLINK: the target went before; there is nothing to take the program off.
            if (result is < 0 and not -Errno.ENOLINK)
            {
                throw BpfException.For(BpfCommand.LinkDetach, "detach link", pinPath, -result);
            }
        }

        BpfFileSystem.Unpin(pinPath);
    }

    private static SafeBpfHandle? Open(string pinPath)
    {
        int pinned = BpfSyscall.Get(pinPath);
        return pinned switch
        {
            >= 0 => new SafeBpfHandle(pinned),
            -Errno.ENOENT => null,
            _ => throw BpfException.For(BpfCommand.ObjectGet, "open pinned link", pinPath, -pinned),
        };
    }

    private static LinkInfo Info(SafeBpfHandle link, string pinPath)
    {
        int result = BpfSyscall.Info(link, out LinkInfo info);
        return result >= 0 ? info : throw BpfException.For(BpfCommand.ObjectInfo, "read pinned link", pinPath, -result);
    }

    /// <summary>Swaps the program of a link; false when the link is not of this kind to this target, or its target is gone.</summary>
    private static bool TryUpdate(SafeBpfHandle link, SafeBpfHandle program, uint attachType, LinkTarget target, string pinPath)
    {
        if (!target.Matches(Info(link, pinPath), attachType))
        {
            return false;
        }

        using SafeBpfHandle.Lease heldLink = link.Hold();
        using SafeBpfHandle.Lease heldProgram = program.Hold();
        var attributes = new LinkUpdateAttributes { LinkFd = (uint)heldLink.Fd, NewProgramFd = (uint)heldProgram.Fd };
        int result = BpfSyscall.Call(BpfCommand.LinkUpdate, ref attributes);
        return result switch
        {
            >= 0 => true,
            -Errno.ENOLINK => false,
            _ => throw BpfException.For(BpfCommand.LinkUpdate, "swap the program of link", pinPath, -result),
        };
    }

    private static void Create(string name, SafeBpfHandle program, uint attachType, LinkTarget target, string pinPath)
    {
        int fd = target.CreateLink(program, attachType);
        if (fd < 0)
        {
            throw BpfException.For(BpfCommand.LinkCreate, $"attach {name} to", target.Name, -fd);
        }

        using var link = new SafeBpfHandle(fd);
        BpfFileSystem.PinOver(link, "link", pinPath);
    }
}
