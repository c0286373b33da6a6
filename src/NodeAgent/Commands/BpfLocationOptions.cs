using System.CommandLine;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>The options that say where the pinned maps are.</summary>
internal sealed class BpfLocationOptions
{
    private static readonly RunOptions Defaults = new();

    public Option<string> Root { get; } = new("--bpf-root")
    {
        Description = "The bpffs in which maps and links are pinned",
        DefaultValueFactory = _ => Defaults.BpfRoot,
    };

    public Option<string> Prefix { get; } = new("--bpf-map-prefix")
    {
        Description = "Put before the name of every pin, so that several agents share a machine",
        DefaultValueFactory = _ => Defaults.BpfMapPrefix,
    };

    public Option<int> LbMapMax { get; } = new("--lb-map-max")
    {
        Description = "Entries of each of the load-balancing maps, as Cilium's bpf-lb-map-max",
        DefaultValueFactory = _ => Defaults.LbMapMax,
    };
}
