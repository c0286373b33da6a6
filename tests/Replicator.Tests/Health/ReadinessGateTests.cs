using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Replicator.ClusterConfigs;
using KvStoreMesh.Replicator.Health;
using Microsoft.Extensions.Time.Testing;

namespace KvStoreMesh.Replicator.Tests.Health;

public sealed class ReadinessGateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MeshStatusBoard _board = new();
    private readonly ClusterConfigBoard _configs = new();
    private readonly ReadinessOptions _options = new();
    private readonly ReadinessGate _gate;

    public ReadinessGateTests()
    {
        _gate = new ReadinessGate(_configs, _options, _board, _time);
        _configs.Publish([ClusterName.Parse("b"), ClusterName.Parse("c")], []);
    }

    [Fact]
    public void Waits_for_every_cluster_of_the_start_and_stays_ready()
    {
        AssertWaiting("b", "c");
        Publish("b", RemoteClusterPhase.Watching);
        AssertWaiting("c");
        Publish("b", RemoteClusterPhase.BackingOff);
        Publish("c", RemoteClusterPhase.Listing);
        AssertWaiting("c");
        Publish("c", RemoteClusterPhase.Watching);
        AssertWaiting();
        Publish("c", RemoteClusterPhase.BackingOff);
        _configs.Publish([ClusterName.Parse("d")], []);
        AssertWaiting();
    }

    [Fact]
    public void Does_not_wait_for_a_cluster_that_was_removed()
    {
        Publish("b", RemoteClusterPhase.Watching);
        _configs.Publish([ClusterName.Parse("b")], []);
        AssertWaiting();
    }

    [Fact]
    public void Gives_up_early_on_clusters_without_config_and_late_on_slow_ones()
    {
        Publish("b", RemoteClusterPhase.BackingOff, known: false);
        Publish("c", RemoteClusterPhase.Listing);
        _time.Advance(_options.PerClusterTimeout - TimeSpan.FromTicks(1));
        AssertWaiting("b", "c");
        _time.Advance(TimeSpan.FromTicks(1));
        AssertWaiting("c");
        _time.Advance(_options.GlobalTimeout);
        AssertWaiting();
    }

    private void Publish(string name, RemoteClusterPhase phase, bool known = true)
    {
        var status = Some.Status(name, phase, known);
        _board.Publish(_board.Current.SetItem(status.Definition.Cluster, phase == RemoteClusterPhase.Listing ? status with { Synced = [] } : status));
    }

    private void AssertWaiting(params string[] clusters) => Assert.Equal(clusters, _gate.Waiting().Select(cluster => cluster.Value));
}
