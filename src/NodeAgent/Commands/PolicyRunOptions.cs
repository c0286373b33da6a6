using System.CommandLine;
using KvStoreMesh.NodeAgent.Policy;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>The options of <c>node-agent run</c> about policy.</summary>
internal sealed class PolicyRunOptions
{
    private static readonly RunOptions Defaults = new();

    public Option<string?> EndpointsDir { get; } = new("--endpoints-dir")
    {
        Description = "Directory of YAML files with the endpoints of this node, which policy is enforced at; watched",
    };

    public Option<string?> PolicyDir { get; } = new("--policy-dir")
    {
        Description = "Directory of CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy YAML files; watched",
    };

    public Option<PolicyEnforcementMode> EnablePolicy { get; } = new("--enable-policy")
    {
        Description = "default: where a rule applies; always; never",
        DefaultValueFactory = _ => Defaults.EnablePolicy,
    };

    public Option<bool> DefaultLocalCluster { get; } = new("--policy-default-local-cluster")
    {
        Description = "Peers that mention no cluster are of the local one",
        DefaultValueFactory = _ => Defaults.PolicyDefaultLocalCluster,
    };

    public Option<int> MapMax { get; } = new("--policy-map-max")
    {
        Description = "Entries of each endpoint's policy map, as Cilium's bpf-policy-map-max",
        DefaultValueFactory = _ => Defaults.PolicyMapMax,
    };
}
