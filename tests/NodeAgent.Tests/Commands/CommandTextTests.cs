using KvStoreMesh.NodeAgent.Commands;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.LoadBalancing;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Tests.Commands;

/// <summary>The columns people and scripts know from cilium-dbg.</summary>
public sealed class CommandTextTests
{
    [Fact]
    public void Services_are_listed_as_in_Cilium() => Assert.Equal(
        """
        ID   Frontend                Service Type   Backend
        5    10.96.173.113:80/TCP    ClusterIP      1 => 10.244.2.136:80/TCP (active)
                                                    2 => 10.2.0.15:80/TCP (terminating)
        12   10.96.173.114:443/TCP   ClusterIP

        """,
        ServiceListCommand.Render(
        [
            Service(5, "10.96.173.113:80/TCP", new(1, "10.244.2.136:80/TCP", "active", ["a"], true), new(2, "10.2.0.15:80/TCP", "terminating", ["b"], false)),
            Service(12, "10.96.173.114:443/TCP"),
        ]));

    [Fact]
    public void Slots_are_listed_as_in_Cilium()
    {
        var contents = new LoadBalancerContents();
        var frontend = new NodeAgent.Services.ServiceFrontend(Some.Addr("10.96.50.104:80"));
        contents.Apply(LoadBalancerOperation.PutSlot(frontend, 0, ServiceSlot.Master(2, 3)));
        contents.Apply(LoadBalancerOperation.PutSlot(frontend, 1, ServiceSlot.Of(1, 3)));
        contents.Apply(LoadBalancerOperation.PutSlot(frontend, 2, ServiceSlot.Of(5, 3)));
        contents.Apply(LoadBalancerOperation.PutBackend(1, new BackendEntry(Some.Addr("10.244.1.1:80"))));
        Assert.Equal(
            [
                "10.96.50.104:80/TCP (0) | 0.0.0.0:0 (3) (0) [ClusterIP, non-routable]",
                "10.96.50.104:80/TCP (1) | 10.244.1.1:80/TCP (3) (1)",
                "10.96.50.104:80/TCP (2) | backend 5 not found (3) (2)",
            ],
            BpfTables.LoadBalancer(contents).Select(row => $"{row.Key} | {row.Value}"));
    }

    [Fact]
    public void Rows_are_sorted_by_prefix()
    {
        var (host, cidr, node) = (Prefix("10.2.0.15"), Prefix("10.2.0.0/24"), Prefix("172.18.0.5"));
        Dictionary<IpPrefix, IpCacheEntry> rows = new()
        {
            [host] = new(132306, node, 0, IpCacheFlags.HasTunnelEndpoint),
            [cidr] = new(2, default, 0, IpCacheFlags.None),
        };
        Assert.Equal(["10.2.0.0/24", "10.2.0.15/32"], BpfTables.IpCache(rows).Select(row => row.Key));
    }

    [Fact]
    public void Status_says_what_is_wrong_and_with_whom()
    {
        var status = new AgentStatus
        {
            NodeName = "n1",
            LocalCluster = "a",
            Frontends = 3,
            GlobalServices = 2,
            ContestedFrontends = ["10.0.0.1:80/TCP is x/a's; not there for x/b, which claim it too"],
            IpCacheConflicts = 0,
            Subscription = new() { State = "backing-off", Server = "h:1", Failures = 4, LastError = "h:1: Connection refused", SilentMs = 12000 },
            Datapath = new()
            {
                Description = "bpf", Error = "cilium_lb4_backends_v3 is full", Failures = 2, Pending = 1,
                Maps = [new("cilium_lb4_backends_v3", 3, 4)],
            },
            Clusters =
            [
                new()
                {
                    Name = "b", Id = 2, State = "stale", AgeMs = 61000, Revision = 9, Ready = false, Synced = ["nodes"], Keys = 4,
                    Nodes = 1, Endpoints = 2, Identities = 0, Services = 1, Invalid = 1, LastInvalid = "Services/x: broken",
                },
            ],
        };
        Assert.Equal(
            """
            Node:           n1 (cluster a)
            Daemon:         h:1 backing-off, 4 failures, last frame 12.0s ago
                            last error: h:1: Connection refused
            Datapath:       FAILING, bpf
                            1 pending after 2 failures: cilium_lb4_backends_v3 is full
                            cilium_lb4_backends_v3: 3/4 (75.0 %)
            Services:       3 frontends, 2 global services
                            10.0.0.1:80/TCP is x/a's; not there for x/b, which claim it too
            ClusterMesh:    0/1 clusters ready, as last told
               b: not-ready, stale (61.0s), 1 nodes, 2 endpoints, 0 identities, 1 services
               └  1 values refused, the last: Services/x: broken
               └  cluster-id=2, revision=9, keys=4, synced: nodes

            """,
            StatusText.Render(status, verbose: true));
    }

    [Theory]
    [InlineData("connected", 1000)]
    [InlineData("connecting", 13000)]
    [InlineData("backing-off", 13000)]
    public void Without_a_daemon_the_age_of_a_cluster_goes_on(string state, double age)
    {
        var status = new AgentStatus
        {
            NodeName = "n1",
            Frontends = 0,
            IpCacheConflicts = 0,
            Datapath = new() { Description = "memory", Failures = 0, Pending = 0, Maps = [] },
            Clusters =
            [
                new()
                {
                    Name = "b", Id = 2, State = "live", AgeMs = 1000, Revision = 9, Ready = true, Synced = [], Keys = 0,
                    Nodes = 0, Endpoints = 0, Identities = 0, Services = 0, Invalid = 0,
                },
            ],
        };
        var told = status.With(new() { State = state, Server = "h:1", SilentMs = 12000 });
        Assert.Equal(age, Assert.Single(told.Clusters).AgeMs);
        Assert.Equal(state != "connected", StatusText.Render(told, verbose: false).Contains("1/1 clusters ready, as last told", StringComparison.Ordinal));
    }

    private static ServiceStatus Service(int id, string frontend, params BackendStatus[] backends) =>
        new() { Id = id, Frontend = frontend, Service = "test/echo", Type = "ClusterIP", Affinity = "none", Backends = backends };

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out var prefix) ? prefix : throw new FormatException(text);
}
