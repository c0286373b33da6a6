using KvStoreMesh.Bpf.Environment;
using KvStoreMesh.Bpf.Links;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.SocketLb;

/// <summary>
/// Attaches the socket programs to a cgroup by pinned links: connections go on being balanced when this process is gone,
/// and the next one takes the links over without a gap. Only <see cref="Detach"/> ends it.
/// </summary>
public static class SocketLoadBalancer
{
    /// <summary>
    /// Loads the programs against these maps and attaches them, taking over the pinned links of an earlier run. When it fails,
    /// links it made are gone again; those it took over run the new programs, which is harmless: the maps are the given ones.
    /// </summary>
    /// <returns>What is attached, in the order of attaching.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static IReadOnlyList<SocketLbLink> Attach(SocketLbOptions options, LoadBalancerMapSet maps)
    {
        using LinkTarget cgroup = LinkTarget.Cgroup(options.CgroupPath);
        BpfFileSystem.CreateDirectory(options.PinDirectory);
        IReadOnlyList<SafeBpfHandle> programs = SocketLbObject.Load(maps);
        var links = new List<SocketLbLink>();
        try
        {
            for (int i = 0; i < programs.Count; i++)
            {
                SocketLbProgram program = SocketLbProgram.All[i];
                string pin = options.PinPathOf(program);
                links.Add(new(program.Name, pin, PinnedLink.Attach(program.Name, programs[i], program.AttachType, cgroup, pin)));
            }

            return links;
        }
        catch
        {
            foreach (SocketLbLink made in links.Where(link => link.Origin == LinkOrigin.Created).Reverse())
            {
                PinnedLink.Detach(made.PinPath);
            }

            throw;
        }
        finally
        {
            foreach (SafeBpfHandle program in programs)
            {
                program.Dispose();
            }
        }
    }

    /// <summary>Every program is on this very cgroup: not on one that was removed since and made again under the same name.</summary>
    /// <exception cref="BpfException">There is no such cgroup now, or the kernel refused.</exception>
    public static bool IsAttached(SocketLbOptions options)
    {
        using LinkTarget cgroup = LinkTarget.Cgroup(options.CgroupPath);
        return SocketLbProgram.All.All(program => PinnedLink.IsAttached(program.AttachType, cgroup, options.PinPathOf(program)));
    }

    /// <summary>Something is pinned with these options.</summary>
    public static bool IsPinned(SocketLbOptions options) => SocketLbProgram.All.Any(program => File.Exists(options.PinPathOf(program)));

    /// <summary>Takes off what was attached with these options, by whichever process, and removes the pins: what translates first, then what takes it back.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static void Detach(SocketLbOptions options)
    {
        foreach (SocketLbProgram program in SocketLbProgram.All.Reverse())
        {
            PinnedLink.Detach(options.PinPathOf(program));
        }
    }
}
