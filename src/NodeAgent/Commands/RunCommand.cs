using System.CommandLine;
using KvStoreMesh.NodeAgent.Metrics;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary><c>node-agent run</c>.</summary>
internal static class RunCommand
{
    private static readonly RunOptions Defaults = new();

    public static Command Create()
    {
        var server = new Option<string[]>("--server")
        {
            Description = "Daemon address HOST:PORT; several are tried in turn",
            DefaultValueFactory = _ => [.. Defaults.Servers],
            AllowMultipleArgumentsPerToken = true,
        };
        var nodeName = Text("--node-name", "Name of this node", Defaults.NodeName);
        var clusterName = new Option<string?>("--cluster-name") { Description = "Cluster of this node; default: as the daemon says" };
        var nodeIp = new Option<string?>("--node-ip") { Description = "Address of this node: never a tunnel endpoint" };
        var cgroupRoot = new Option<string?>("--cgroup-root")
        {
            Description = "cgroup2 directory whose processes are balanced; {self} is this process's own; default: the root of the cgroup2 hierarchy",
        };
        var datapath = new Option<DatapathKind>("--datapath")
        {
            Description = "bpf, or memory where eBPF cannot be used: then nothing is steered",
            DefaultValueFactory = _ => Defaults.Datapath,
        };
        var tlsCa = new Option<string?>("--tls-ca-file") { Description = "PEM authorities of the daemon's certificate; makes the connection TLS" };
        var tlsCert = new Option<string?>("--tls-cert-file") { Description = "PEM certificate of this agent" };
        var tlsKey = new Option<string?>("--tls-key-file") { Description = "PEM key of this agent" };
        var syncTimeout = new Option<double>("--sync-timeout")
        {
            Description = "Seconds after which entries of pinned maps stop waiting for clusters that do not come",
            DefaultValueFactory = _ => Defaults.SyncTimeoutSeconds,
        };
        var policy = new PolicyRunOptions();
        var manifests = new Option<string?>("--k8s-manifests")
        {
            Description = "Directory of Kubernetes Service and EndpointSlice manifests of the own cluster, followed as it changes; "
                + "they count in place of what its store says of the same service",
        };
        var preferReachable = new Option<bool>("--prefer-reachable")
        {
            Description = "Use backends of clusters that cannot be reached only where no reachable cluster has one",
        };
        var serviceTtl = new Option<double?>("--service-ttl")
        {
            Description = "Seconds after which backends of a cluster that has not answered are withdrawn; default: never",
        };
        var terminate = new Option<double>("--terminate-withdrawn-after")
        {
            Description = "Seconds after which connections to backends that were withdrawn are closed; -1: never",
            DefaultValueFactory = _ => Defaults.TerminateWithdrawnAfterSeconds,
        };
        var logLevel = Text("--log-level", "trace, debug, information, warning or error", Defaults.LogLevel);
        var bpf = new BpfLocationOptions();
        var metrics = new Option<string?>(MetricsEndpoint.Option) { Description = "Address of /metrics, ADDRESS:PORT; default: none" };
        var socket = SharedOptions.Socket();
        var command = new Command("run", "Follow the daemon and keep this node's eBPF maps")
        {
            server, nodeName, clusterName, nodeIp, cgroupRoot, bpf.Root, bpf.Prefix, bpf.LbMapMax, datapath, socket, metrics,
            policy.EndpointsDir, policy.PolicyDir, policy.EnablePolicy, policy.DefaultLocalCluster, policy.MapMax,
            tlsCa, tlsCert, tlsKey, syncTimeout, manifests, preferReachable, serviceTtl, terminate, logLevel,
        };
        command.SetAction((parsed, _) => NodeAgentHost.RunAsync(
            new RunOptions
            {
                Servers = parsed.GetValue(server) ?? [],
                NodeName = parsed.GetValue(nodeName) ?? string.Empty,
                ClusterName = parsed.GetValue(clusterName),
                NodeIp = parsed.GetValue(nodeIp),
                CgroupRoot = parsed.GetValue(cgroupRoot),
                BpfRoot = parsed.GetValue(bpf.Root) ?? Defaults.BpfRoot,
                BpfMapPrefix = parsed.GetValue(bpf.Prefix) ?? string.Empty,
                LbMapMax = parsed.GetValue(bpf.LbMapMax),
                Datapath = parsed.GetValue(datapath),
                MetricsAddress = parsed.GetValue(metrics) is { Length: > 0 } address ? address : null,
                Socket = parsed.GetValue(socket) ?? string.Empty,
                TlsCaFile = parsed.GetValue(tlsCa),
                TlsCertFile = parsed.GetValue(tlsCert),
                TlsKeyFile = parsed.GetValue(tlsKey),
                SyncTimeoutSeconds = parsed.GetValue(syncTimeout),
                EndpointsDir = parsed.GetValue(policy.EndpointsDir),
                PolicyDir = parsed.GetValue(policy.PolicyDir),
                EnablePolicy = parsed.GetValue(policy.EnablePolicy),
                PolicyDefaultLocalCluster = parsed.GetValue(policy.DefaultLocalCluster),
                PolicyMapMax = parsed.GetValue(policy.MapMax),
                K8sManifests = parsed.GetValue(manifests),
                PreferReachable = parsed.GetValue(preferReachable),
                ServiceTtlSeconds = parsed.GetValue(serviceTtl),
                TerminateWithdrawnAfterSeconds = parsed.GetValue(terminate),
                LogLevel = parsed.GetValue(logLevel) ?? string.Empty,
            },
            Console.Error));
        return command;
    }

    private static Option<string> Text(string name, string description, string otherwise) =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise };
}
