using KvStoreMesh.Bpf.Environment;
using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.PolicyEnforcement;
using KvStoreMesh.Bpf.SocketLb;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>Where the kernel's part lives.</summary>
public sealed record BpfDatapathOptions
{
    /// <summary>The bpffs to pin in.</summary>
    public string BpfFsRoot { get; init; } = BpfFileSystem.DefaultRoot;

    /// <summary>Put before every pin's name.</summary>
    public string MapPrefix { get; init; } = string.Empty;

    /// <summary>The cgroup2 directory to attach to; null: no programs are attached.</summary>
    public string? CgroupPath { get; init; }

    /// <summary>Sizes of the maps.</summary>
    public DatapathLimits Limits { get; init; } = new();

    /// <summary>Open what policy needs; without it endpoints of an earlier run stay as they are.</summary>
    public bool EnforcesPolicy { get; init; }

    internal EndpointPins EndpointPins() => new(BpfFsRoot, MapPrefix);

    internal CiliumMaps Maps() => new(new CiliumMapOptions
    {
        Prefix = MapPrefix,
        ServiceEntries = (uint)Limits.Services,
        BackendEntries = (uint)Limits.Backends,
        ReverseNatEntries = (uint)Limits.ReverseNat,
        AffinityEntries = (uint)Limits.Affinity,
        SocketReverseNatEntries = (uint)Limits.Sockets,
        IpCacheEntries = (uint)Limits.IpCache,
        PolicyEntries = (uint)Limits.Policy,
        ConntrackEntries = (uint)Limits.Conntrack,
    });

    internal SocketLbOptions SocketLb(string cgroup) => new() { CgroupPath = cgroup, BpfFsRoot = BpfFsRoot, Prefix = MapPrefix };
}
