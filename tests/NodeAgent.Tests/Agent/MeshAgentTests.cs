using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Agent;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Subscription;

namespace KvStoreMesh.NodeAgent.Tests.Agent;

/// <summary>From events to maps: restarts, missing clusters, refused values, full maps.</summary>
public sealed class MeshAgentTests : IDisposable
{
    private static readonly DatapathLimits Limits = new() { Backends = 3 };
    private readonly MemoryDatapath _maps = new(Limits);

    public void Dispose() => _maps.Dispose();

    [Fact]
    public void A_service_gets_the_backends_of_every_cluster_and_loses_those_of_a_removed_one_at_once()
    {
        var spec = Running();
        Assert.Equal(["20.0.0.1:90/TCP", "30.0.0.1:90/TCP"], spec.Backends("10.0.0.1:80"));
        spec.Remove("b");
        Assert.Equal(["30.0.0.1:90/TCP"], spec.Backends("10.0.0.1:80"));
        Assert.Equal(["30.9.0.1/32 196700"], spec.Rows());
    }

    [Fact]
    public void After_a_restart_nothing_is_withdrawn_before_every_announced_cluster_is_synced()
    {
        Running();
        var spec = new AgentSpec(_maps);
        spec.Open("a", "b", "c");
        Replay(spec, "a");
        Replay(spec, "b");
        spec.Sync("a", "b");
        Assert.Equal(["20.0.0.1:90/TCP", "30.0.0.1:90/TCP"], spec.Backends("10.0.0.1:80"));
        Assert.Equal(["20.9.0.1/32 131100", "30.9.0.1/32 196700"], spec.Rows());

        // c comes back without what it had.
        spec.Config("c", 3);
        spec.Sync("c");
        Assert.Equal(["20.0.0.1:90/TCP"], spec.Backends("10.0.0.1:80"));
        Assert.Equal(["20.9.0.1/32 131100"], spec.Rows());
        Assert.Single(_maps.LoadBalancer.Read().Backends);
    }

    [Fact]
    public void After_the_sync_timeout_only_what_belonged_to_complete_clusters_goes()
    {
        var before = Running();
        before.Service("a", 1, "{}", AgentSpec.Tcp("10.0.0.2", 80), "other");
        before.Endpoint("b", "20.9.0.2", 131101);
        var spec = new AgentSpec(_maps);
        spec.Open("a", "b", "c");
        Replay(spec, "a");
        Replay(spec, "b");
        spec.Sync("a");
        spec.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, spec.Agent.NextTick);
        spec.Agent.Tick();
        Assert.Equal(3, spec.Rows().Length);
        spec.Sync("b");

        // The other service was the local cluster's, the row was b's; c's backend and row may still be c's.
        Assert.Single(_maps.LoadBalancer.Read().Services);
        Assert.Equal(["20.0.0.1:90/TCP", "30.0.0.1:90/TCP"], spec.Backends("10.0.0.1:80"));
        Assert.Equal(["20.9.0.1/32 131100", "30.9.0.1/32 196700"], spec.Rows());
        Assert.Equal(1, spec.Agent.Status().Datapath.RetainedRows);
    }

    [Fact]
    public void A_daemon_that_names_no_cluster_makes_nothing_go()
    {
        Running();
        var spec = new AgentSpec(_maps);
        spec.Open();
        spec.Time.Advance(TimeSpan.FromHours(1));
        spec.Agent.Tick();
        Assert.Equal(2, spec.Backends("10.0.0.1:80").Length);
        Assert.Equal(2, spec.Rows().Length);
    }

    [Fact]
    public void A_new_session_keeps_everything_until_its_snapshots_replace_it()
    {
        var spec = Running();
        spec.OpenAt("another daemon", "a");
        Assert.Equal(2, spec.Backends("10.0.0.1:80").Length);
        Assert.Equal("unannounced", spec.Agent.Status().Clusters.Single(cluster => cluster.Name == "b").State);
    }

    [Fact]
    public void A_cluster_that_the_same_daemon_no_longer_names_was_removed_meanwhile()
    {
        var spec = Running();
        spec.Open("a", "c");
        Assert.Equal(["30.0.0.1:90/TCP"], spec.Backends("10.0.0.1:80"));
        Assert.Equal(["30.9.0.1/32 196700"], spec.Rows());
        Assert.DoesNotContain(spec.Agent.Status().Clusters, cluster => cluster.Name == "b");

        // Its id is free again.
        Assert.Empty(spec.Config("d", 2).Refused);
    }

    [Fact]
    public void A_refused_value_is_reported_and_its_predecessor_stays()
    {
        var spec = Running();
        var outcome = spec.Service("b", 9, AgentSpec.Tcp("20.0.0.9", 90));
        Assert.Contains("cluster ID", Assert.Single(outcome.Refused).Reason, StringComparison.Ordinal);
        Assert.Equal(["20.0.0.1:90/TCP", "30.0.0.1:90/TCP"], spec.Backends("10.0.0.1:80"));
        Assert.Single(spec.Put("b", new MeshKey(ResourceKind.Endpoints, "20.9.0.1"), "nonsense").Refused);
        var status = spec.Agent.Status().Clusters.Single(cluster => cluster.Name == "b");
        Assert.Equal(2, status.Invalid);
        Assert.Equal(["20.9.0.1/32 131100", "30.9.0.1/32 196700"], spec.Rows());

        Assert.Empty(spec.Service("b", 2, AgentSpec.Tcp("20.0.0.8", 90)).Refused);
        spec.Put("b", new MeshKey(ResourceKind.Endpoints, "20.9.0.1"), null);
        Assert.Equal(["20.0.0.8:90/TCP", "30.0.0.1:90/TCP"], spec.Backends("10.0.0.1:80"));
        Assert.Equal(["30.9.0.1/32 196700"], spec.Rows());
        Assert.Equal(0, spec.Agent.Status().Clusters.Single(cluster => cluster.Name == "b").Invalid);
    }

    [Fact]
    public void A_value_that_comes_with_its_config_is_read_once()
    {
        var spec = new AgentSpec(_maps);
        spec.Open("a", "b");
        var outcome = spec.Agent.Apply(new SnapshotReceived(Some.Cluster("b"), 1, 1,
        [
            new(Some.Cluster("b"), MeshKey.ClusterConfig, Some.Bytes("""{"id":2}"""), 1, 1),
            new(Some.Cluster("b"), new MeshKey(ResourceKind.Endpoints, "20.9.0.1"), Some.Bytes("nonsense"), 1, 1),
        ]));
        Assert.Single(outcome.Refused);
    }

    [Fact]
    public void Values_wait_for_the_config_and_a_cluster_with_a_taken_id_is_not_used()
    {
        var spec = new AgentSpec(_maps);
        spec.Open("a", "b", "c");
        spec.Endpoint("b", "20.9.0.1", 131100);
        Assert.Empty(spec.Rows());
        spec.Config("b", 2);
        Assert.Equal(["20.9.0.1/32 131100"], spec.Rows());

        var outcome = spec.Config("c", 2);
        Assert.Contains("already used by cluster b", Assert.Single(outcome.Refused).Reason, StringComparison.Ordinal);
        spec.Endpoint("c", "20.9.0.5", 131105);
        Assert.Equal(["20.9.0.1/32 131100"], spec.Rows());

        spec.Remove("b");
        Assert.Equal(["20.9.0.5/32 131105"], spec.Rows());
    }

    [Fact]
    public void A_config_that_does_not_parse_or_cannot_be_or_goes_leaves_the_last_one_in_force()
    {
        var spec = Running();
        Assert.Single(spec.Put("b", MeshKey.ClusterConfig, "{").Refused);
        Assert.Contains("id is 0", Assert.Single(spec.Config("b", 0).Refused).Reason, StringComparison.Ordinal);
        Assert.Contains("id is 300", Assert.Single(spec.Config("b", 300).Refused).Reason, StringComparison.Ordinal);
        var odd = spec.Put("b", MeshKey.ClusterConfig, """{"id":2,"capabilities":{"maxConnectedClusters":7}}""");
        Assert.Contains("maxConnectedClusters is 7", Assert.Single(odd.Refused).Reason, StringComparison.Ordinal);
        Assert.Contains("20.0.0.1:90/TCP", spec.Backends("10.0.0.1:80"));
        spec.Put("b", MeshKey.ClusterConfig, null);
        spec.Endpoint("b", "20.9.0.2", 131101);
        Assert.Contains("20.9.0.2/32 131101", spec.Rows());
    }

    [Fact]
    public void A_full_map_holds_back_the_ack_but_not_other_services_and_is_retried()
    {
        var spec = Running();
        var before = spec.Endpoint("b", "20.9.0.3", 131103).AppliedSeq;
        var backends = """{"40.0.0.1":{"tcp":{"Protocol":"TCP","Port":1}},"40.0.0.2":{"tcp":{"Protocol":"TCP","Port":1}}}""";
        var failed = spec.Service("a", 1, backends, AgentSpec.Tcp("10.0.0.7", 80), "big");
        Assert.Equal(before, failed.AppliedSeq);
        Assert.Contains("full", spec.Agent.Status().Datapath.Error, StringComparison.Ordinal);
        Assert.Equal(before, spec.Endpoint("b", "20.9.0.4", 131104).AppliedSeq);
        Assert.Contains("20.9.0.4/32 131104", spec.Rows());

        // Room comes: without a further change of that service, the retry brings it in.
        spec.Put("b", new MeshKey(ResourceKind.Services, "test/echo"), null);
        Assert.Empty(spec.Backends("10.0.0.7:80"));
        spec.Time.Advance(TimeSpan.FromMinutes(1));
        spec.Agent.Tick();
        Assert.Equal(2, spec.Backends("10.0.0.7:80").Length);
        Assert.Null(spec.Agent.Status().Datapath.Error);
        Assert.True(spec.Sync("a").AppliedSeq > failed.AppliedSeq);
    }

    [Fact]
    public void Whatever_else_changed_the_maps_is_repaired_every_half_hour()
    {
        var spec = Running();
        _maps.LoadBalancer.Write([NodeAgent.LoadBalancing.LoadBalancerOperation.DeleteSlot(new(Some.Addr("10.0.0.1:80")), 0)]);
        _maps.IpCache.Delete([.. _maps.IpCache.Read().Keys]);
        spec.Time.Advance(TimeSpan.FromMinutes(30));
        spec.Agent.Tick();
        Assert.Equal(2, spec.Backends("10.0.0.1:80").Length);
        Assert.Equal(2, spec.Rows().Length);
    }

    [Fact]
    public void Unreachable_clusters_stand_back_behind_reachable_ones_only_when_told_and_come_back()
    {
        var spec = Running();
        spec.Heartbeat(("b", SourceHealth.Stale), ("c", SourceHealth.Live));
        Assert.Equal(2, spec.Backends("10.0.0.1:80").Length);

        spec = Running(options => options with { PrefersReachable = true });
        spec.Heartbeat(("b", SourceHealth.Stale), ("c", SourceHealth.Live));
        Assert.Equal(["30.0.0.1:90/TCP"], spec.Backends("10.0.0.1:80"));
        spec.Heartbeat(("b", SourceHealth.Stale), ("c", SourceHealth.Stale));
        Assert.Equal(2, spec.Backends("10.0.0.1:80").Length);
        spec.Heartbeat(("b", SourceHealth.Live), ("c", SourceHealth.Stale));
        Assert.Equal(["20.0.0.1:90/TCP"], spec.Backends("10.0.0.1:80"));
    }

    [Fact]
    public void Services_of_a_silent_cluster_expire_only_with_a_limit_and_return_with_it()
    {
        var spec = Running(options => options with { ServiceTtl = TimeSpan.FromMinutes(10) });
        spec.Heartbeat(("b", SourceHealth.Live), ("c", SourceHealth.Live));
        spec.Heartbeat(("b", SourceHealth.Stale), ("c", SourceHealth.Live));
        spec.Time.Advance(TimeSpan.FromMinutes(9));
        spec.Heartbeat(("b", SourceHealth.Stale), ("c", SourceHealth.Live));
        spec.Agent.Tick();
        Assert.Equal(2, spec.Backends("10.0.0.1:80").Length);
        spec.Time.Advance(TimeSpan.FromMinutes(1));
        spec.Agent.Tick();
        Assert.Equal(["30.0.0.1:90/TCP"], spec.Backends("10.0.0.1:80"));
        Assert.Contains(spec.Agent.Why("test/echo")!.Frontends.Single().Backends, backend => backend is { Cluster: "b", IsIn: false });
        spec.Heartbeat(("b", SourceHealth.Live), ("c", SourceHealth.Live));
        Assert.Equal(2, spec.Backends("10.0.0.1:80").Length);
    }

    [Fact]
    public void With_manifests_adopted_frontends_wait_for_them_and_for_nobody_who_does_not_bring_any()
    {
        Running();
        var spec = new AgentSpec(_maps, options => options with { HasManifests = true });
        spec.Open("b", "c");
        Replay(spec, "b");
        Replay(spec, "c");
        spec.Sync("b", "c");
        Assert.Equal(2, spec.Backends("10.0.0.1:80").Length);
        spec.Agent.SetServices(new([new("a.yaml", "kind: Nonsense\n", null)], null));
        Assert.Empty(_maps.LoadBalancer.Read().Services);

        const string Service =
            "kind: Service\nmetadata: {name: echo, namespace: test, annotations: {service.cilium.io/global: 'true'}}\nspec: {clusterIP: 10.0.0.7, ports: [{port: 80}]}\n";
        spec.Agent.SetServices(new([new("a.yaml", Service, null)], null));
        Assert.Equal(["20.0.0.1:90/TCP", "30.0.0.1:90/TCP"], spec.Backends("10.0.0.7:80"));
        spec.Agent.SetServices(new([new("a.yaml", "kind: [", null)], null));
        Assert.Equal(2, spec.Backends("10.0.0.7:80").Length);
        Assert.Contains("a.yaml", Assert.Single(spec.Agent.Status().ManifestProblems), StringComparison.Ordinal);
    }

    [Fact]
    public void Why_says_of_each_backend_who_published_it_and_why_it_is_in_or_out()
    {
        var spec = Running();
        spec.Put("c", new MeshKey(ResourceKind.Services, "test/echo"),
            """{"cluster":"c","namespace":"test","name":"echo","backends":{"30.0.0.1":{"x":{"Protocol":"UDP","Port":1}}},"shared":true,"clusterID":3}""");
        Assert.Null(spec.Agent.Why("test/none"));
        Assert.Equal(
            """
            Service test/echo
               here, the local cluster's store: global=true, shared=true, affinity=none, session-affinity=0s, 1 frontends, 0 backends
               b: shared=true, reachable, backends: 20.0.0.1:90/TCP (tcp)
               c: shared=true, reachable, backends: 30.0.0.1:1/UDP (x)
            Frontend 10.0.0.1:80/TCP (tcp)
               in    20.0.0.1:90/TCP   b    active   takes connections
               out   30.0.0.1:1/UDP    c    active   the frontend is of another protocol

            """,
            NodeAgent.Commands.WhyCommand.Render(spec.Agent.Why("test/echo")!));
    }

    private static void Replay(AgentSpec spec, string cluster)
    {
        switch (cluster)
        {
            case "a":
                spec.Config("a", 1);
                spec.Service("a", 1, "{}", AgentSpec.Tcp("10.0.0.1", 80));
                break;
            case "b":
                spec.Config("b", 2);
                spec.Service("b", 2, AgentSpec.Tcp("20.0.0.1", 90));
                spec.Endpoint("b", "20.9.0.1", 131100);
                break;
            default:
                spec.Config("c", 3);
                spec.Service("c", 3, AgentSpec.Tcp("30.0.0.1", 90));
                spec.Endpoint("c", "30.9.0.1", 196700);
                break;
        }
    }

    private AgentSpec Running(Func<MeshAgentOptions, MeshAgentOptions>? with = null)
    {
        var spec = new AgentSpec(_maps, with);
        spec.Open("a", "b", "c");
        Replay(spec, "a");
        Replay(spec, "b");
        Replay(spec, "c");
        spec.Sync("a", "b", "c");
        return spec;
    }
}
