using KvStoreMesh.Bpf.Environment;

namespace KvStoreMesh.Bpf.SocketLb;

/// <summary>Where the programs are attached and their links pinned.</summary>
public sealed record SocketLbOptions
{
    /// <summary>A directory of a cgroup2 hierarchy. Sockets made by processes in it and below are balanced; those they had before are not.</summary>
    public required string CgroupPath { get; init; }

    /// <summary>The bpffs to pin in.</summary>
    public string BpfFsRoot { get; init; } = BpfFileSystem.DefaultRoot;

    /// <summary>Put before every pin's name, so that several agents share a bpffs; the same as that of the maps.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Where Cilium pins these links: <c>cilium/socketlb/links/cgroup</c> below the root.</summary>
    internal string PinDirectory => Path.Combine(BpfFsRoot, "cilium", "socketlb", "links", "cgroup");

    internal string PinPathOf(SocketLbProgram program) => Path.Combine(PinDirectory, Prefix + program.Name);
}
