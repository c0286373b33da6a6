using System.Globalization;
using System.Net;
using System.Text;
using KvStoreMesh.Bpf.Environment;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Metrics;
using KvStoreMesh.NodeAgent.Policy;
using KvStoreMesh.NodeAgent.Subscription;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>What the operator may say to <c>node-agent run</c>, as text. The initialisers are the only source of defaults.</summary>
internal sealed record RunOptions
{
    public IReadOnlyList<string> Servers { get; init; } = ["127.0.0.1:4260"];

    public string NodeName { get; init; } = Environment.MachineName;

    public string? ClusterName { get; init; }

    public string? NodeIp { get; init; }

    public string? CgroupRoot { get; init; }

    public string BpfRoot { get; init; } = BpfFileSystem.DefaultRoot;

    public string BpfMapPrefix { get; init; } = string.Empty;

    public DatapathKind Datapath { get; init; } = DatapathKind.Bpf;

    /// <summary>Where metrics are served; null for nowhere.</summary>
    public string? MetricsAddress { get; init; }

    public string Socket { get; init; } = "/run/kvstoremesh/node-agent.sock";

    public string? TlsCaFile { get; init; }

    public string? TlsCertFile { get; init; }

    public string? TlsKeyFile { get; init; }

    public string? PolicyDir { get; init; }

    public string? EndpointsDir { get; init; }

    public PolicyEnforcementMode EnablePolicy { get; init; } = PolicyEnforcementMode.Default;

    public bool PolicyDefaultLocalCluster { get; init; } = true;

    public int PolicyMapMax { get; init; } = new DatapathLimits().Policy;

    public int LbMapMax { get; init; } = DatapathLimits.DefaultLoadBalancerEntries;

    public double SyncTimeoutSeconds { get; init; } = 60;

    public string? K8sManifests { get; init; }

    public bool PreferReachable { get; init; }

    public double? ServiceTtlSeconds { get; init; }

    public double TerminateWithdrawnAfterSeconds { get; init; } = 30;

    public string LogLevel { get; init; } = nameof(Microsoft.Extensions.Logging.LogLevel.Information);

    /// <summary>Everything that is wrong, one line each that names the option.</summary>
    public IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        problems.AddRange(Servers.Where(server => ServerUri(server) is null).Select(server =>
            $"--server {server}: it must be HOST:PORT, or http://HOST:PORT, or https://HOST:PORT"));
        Check(Servers.Count > 0, "--server: at least one address is needed");
        Check(
            NodeName.Length is > 0 and <= 253 && !NodeName.AsSpan().ContainsAnyExceptInRange('!', '~'),
            "--node-name: it must be 1 to 253 visible ASCII characters");
        if (ClusterName is not null && !Core.Clusters.ClusterName.TryParse(ClusterName, out _, out var error))
        {
            problems.Add($"--cluster-name {ClusterName}: {error}");
        }

        Check(NodeIp is null || IPAddress.TryParse(NodeIp, out _), $"--node-ip {NodeIp}: it is not an IP address");
        Check(
            BpfMapPrefix.Length <= 64 && BpfMapPrefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'),
            $"--bpf-map-prefix {BpfMapPrefix}: at most 64 letters, digits, underscores and hyphens (a bpffs takes no dots)");
        Check(LbMapMax is >= 1 and <= 1 << 20, $"--lb-map-max {LbMapMax}: it must be from 1 to {1 << 20}");
        Check(PolicyMapMax is >= 256 and <= 65536, $"--policy-map-max {PolicyMapMax}: it must be from 256 to 65536");
        Check(Enum.IsDefined(EnablePolicy), $"--enable-policy {EnablePolicy}: default, always or never");
        Check(PolicyDir is null || EndpointsDir is not null, "--policy-dir goes with --endpoints-dir: policies are enforced at local endpoints");
        Check(SyncTimeoutSeconds is >= 0 and <= 86400, $"--sync-timeout {SyncTimeoutSeconds}: it must be from 0 to 86400 seconds");
        Check(K8sManifests is null || Directory.Exists(K8sManifests), $"--k8s-manifests {K8sManifests}: there is no such directory");
        Check(
            TerminateWithdrawnAfterSeconds is -1 or (>= 0 and <= 86400),
            $"--terminate-withdrawn-after {TerminateWithdrawnAfterSeconds}: it must be from 0 to 86400 seconds, or -1 for never");
        Check(ServiceTtlSeconds is null or (>= 1 and <= 86400 * 30), $"--service-ttl {ServiceTtlSeconds}: it must be from 1 to {86400 * 30} seconds");
        Check(TlsKeyFile is null || TlsCertFile is not null, "--tls-key-file goes with --tls-cert-file");
        Check(
            MetricsAddress is null || MetricsEndpoint.TryParse(MetricsAddress, out _),
            $"{MetricsEndpoint.Option} {MetricsAddress}: it must be ADDRESS:PORT, or :PORT for every address");
        Check(Socket.Length > 0 && Encoding.UTF8.GetByteCount(Path.GetFullPath(Socket)) <= 107, "--socket: it must be a path of at most 107 bytes, the working directory included");
        Check(Enum.IsDefined(Datapath), $"--datapath {Datapath}: bpf or memory");
        Check(Enum.TryParse<LogLevel>(LogLevel, ignoreCase: true, out var level) && Enum.IsDefined(level), $"--log-level {LogLevel}: trace, debug, information, warning or error");
        return problems;

        void Check(bool holds, string problem)
        {
            if (!holds)
            {
                problems.Add(problem);
            }
        }
    }

    public Agent.MeshAgentOptions Agent() => new()
    {
        NodeName = NodeName,
        ClusterName = ClusterName is null ? null : Core.Clusters.ClusterName.Parse(ClusterName),
        NodeIp = NodeIp is null ? null : IPAddress.Parse(NodeIp),
        SyncTimeout = TimeSpan.FromSeconds(SyncTimeoutSeconds),
        Policy = new() { Mode = EnablePolicy, DefaultsToLocalCluster = PolicyDefaultLocalCluster },
        HasManifests = K8sManifests is not null,
        PrefersReachable = PreferReachable,
        ServiceTtl = ServiceTtlSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
    };

    public SubscriptionOptions Subscription() => new()
    {
        Servers = [.. Servers.Select(server => ServerUri(server)!)],
        NodeName = NodeName,
        Tls = Servers.Any(server => ServerUri(server) is { Scheme: "https" }) ? new(TlsCaFile, TlsCertFile, TlsKeyFile) : null,
    };

    public DatapathLimits Limits() => new()
    {
        Services = LbMapMax, Backends = LbMapMax, ReverseNat = LbMapMax, Affinity = LbMapMax, Policy = PolicyMapMax,
    };

    /// <summary>A TLS file makes plain HOST:PORT mean https.</summary>
    private Uri? ServerUri(string server)
    {
        var scheme = TlsCaFile is null && TlsCertFile is null ? "http" : "https";
        var text = server.Contains("://", StringComparison.Ordinal) ? server : string.Create(CultureInfo.InvariantCulture, $"{scheme}://{server}");
        return Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https" && uri is { Host.Length: > 0, Port: > 0, PathAndQuery: "/" }
            && server.LastIndexOf(':') > server.LastIndexOf(']') && char.IsAsciiDigit(server[^1])
                ? uri
                : null;
    }
}
