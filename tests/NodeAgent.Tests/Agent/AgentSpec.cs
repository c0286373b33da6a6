using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Agent;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Subscription;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KvStoreMesh.NodeAgent.Tests.Agent;

/// <summary>An agent of cluster a over given maps, and the events of a session in short.</summary>
internal sealed class AgentSpec
{
    private static readonly ResourceKind[] All = [ResourceKind.Nodes, ResourceKind.Endpoints, ResourceKind.Services];
    private long _seq;

    public AgentSpec(IDatapath datapath, Func<MeshAgentOptions, MeshAgentOptions>? with = null)
    {
        Datapath = datapath;
        var options = new MeshAgentOptions { NodeName = "own", ClusterName = Some.Cluster("a") };
        Agent = new MeshAgent(
            with?.Invoke(options) ?? options, datapath, Time, new Random(1), NullLogger<MeshAgent>.Instance);
    }

    public FakeTimeProvider Time { get; } = new();

    public IDatapath Datapath { get; }

    public MeshAgent Agent { get; }

    public ApplyOutcome Open(params string[] clusters) => OpenAt("d", clusters);

    public ApplyOutcome OpenAt(string daemon, params string[] clusters) =>
        Agent.Apply(new SessionOpened(1, daemon, Some.Cluster("a"), [.. clusters.Select(Some.Cluster)], 1 << 20));

    public ApplyOutcome Config(string cluster, int id) => Put(cluster, MeshKey.ClusterConfig, $$$"""{"id":{{{id}}}}""");

    public ApplyOutcome Service(string cluster, int id, string backends, string frontends = "{}", string name = "echo") => Put(
        cluster,
        new MeshKey(ResourceKind.Services, $"test/{name}"),
        $$"""{"cluster":"{{cluster}}","namespace":"test","name":"{{name}}","frontends":{{frontends}},"backends":{{backends}},"includeExternal":true,"shared":true,"clusterID":{{id}}}""");

    public ApplyOutcome Endpoint(string cluster, string ip, uint identity) => Put(
        cluster,
        new MeshKey(ResourceKind.Endpoints, ip),
        $$"""{"IP":"{{ip}}","Mask":null,"HostIP":"172.18.0.9","ID":{{identity}},"Key":0}""");

    public ApplyOutcome Put(string cluster, MeshKey key, string? value)
    {
        return Agent.Apply(new RecordsReceived(++_seq, [new MeshRecord(Some.Cluster(cluster), key, Some.Bytes(value), _seq, _seq)]));
    }

    public ApplyOutcome Heartbeat(params (string Cluster, SourceHealth Health)[] clusters) => Agent.Apply(
        new HeartbeatReceived(_seq, [.. clusters.Select(cluster => new ClusterFreshnessReport(Some.Cluster(cluster.Cluster), cluster.Health, TimeSpan.Zero, 1))]));

    public ApplyOutcome Remove(string cluster) => Agent.Apply(new ClusterRemoved(Some.Cluster(cluster), ++_seq));

    public ApplyOutcome Sync(params string[] clusters)
    {
        ApplyOutcome outcome = default;
        foreach (var cluster in clusters)
        {
            outcome = Agent.Apply(new ResourcesSynced(Some.Cluster(cluster), All, ++_seq));
        }

        return outcome;
    }

    public string[] Backends(string frontend) =>
    [
        .. LoadBalancing.SteeringProgram.Outcomes(Datapath.LoadBalancer.Read(), Some.Addr(frontend)).Select(backend => $"{backend}"),
    ];

    public string[] Rows() => [.. Datapath.IpCache.Read().OrderBy(row => row.Key).Select(row => $"{row.Key} {row.Value.Identity}")];

    public static string Tcp(string ip, int port) => $$$$"""{"{{{{ip}}}}":{"tcp":{"Protocol":"TCP","Port":{{{{port}}}}}}}""";
}
