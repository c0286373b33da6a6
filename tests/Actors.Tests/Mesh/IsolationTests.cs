using Akka.Actor;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Tests.Support;
using Xunit.Abstractions;

namespace KvStoreMesh.Actors.Tests.Mesh;

/// <summary>One remote's failure delays no other: I14. Virtual time stands still, so any delay would be for ever.</summary>
public sealed class IsolationTests(ITestOutputHelper output) : MeshActorTest(output)
{
    [Fact]
    public async Task A_cluster_that_hangs_at_any_step_delays_no_other()
    {
        Source("ape").Connects.Close();
        Source("bee").Reads.Close();
        Source("cow").Lists.Close();
        Source("dog").Watches.Close();
        Source("elk").Deliveries.Close();
        Source("fox").Kill();
        string[] broken = ["ape", "bee", "cow", "dog", "elk", "fox"];
        foreach (var cluster in broken)
        {
            Source(cluster).Export(cluster, "default/echo");
            Configure(cluster);
        }

        Source("gnu").Export("gnu", "default/echo");
        Configure("gnu");
        await MirroredAsync("gnu");
        for (var i = 0; i < 50; i++)
        {
            Source("gnu").PutService("gnu", $"default/svc-{i}");
        }

        await MirroredAsync("gnu");
        Remove("gnu");
        await EventuallyAsync(() => Assert.Null(Status("gnu")));
        Assert.Equal(broken, Board.Current.Keys.Select(name => name.Value));
        await PhaseAsync(RemoteClusterPhase.BackingOff, "fox");
    }

    [Fact]
    public async Task A_cluster_that_floods_has_one_batch_under_way_and_delays_no_other()
    {
        Source("ape").BatchSize = 1;
        Source("ape").Export("ape");
        Source("gnu").Export("gnu");
        Configure("ape");
        Configure("gnu");
        await MirroredAsync("ape");
        await MirroredAsync("gnu");

        for (var i = 0; i < 5000; i++)
        {
            Source("ape").PutService("ape", $"default/svc-{i % 100}", $"v{i}");
        }

        Source("gnu").PutService("gnu", "default/echo");
        await MirroredAsync("gnu");
        await MirroredAsync("ape");
    }

    [Fact]
    public async Task Terminating_the_system_closes_every_connection_and_keeps_the_cache()
    {
        Source().Export("ape", "default/echo");
        Configure();
        await MirroredAsync();
        var before = Cached();

        await Sys.Terminate();

        await EventuallyAsync(() => Assert.Equal((0, 0), (Source().OpenConnections, Source().OpenStreams)));
        Assert.Equal(before, Cached());
    }

    [Fact]
    public async Task A_restart_of_the_whole_mesh_starts_every_cluster_again_with_what_it_knew()
    {
        Source().Export("ape", "default/echo", "default/web");
        Configure();
        await MirroredAsync();

        // An unknown cluster's drained message is the one thing that makes this actor throw.
        Mesh.Tell(new RemoteClusterDrained(Some.Cluster("nobody")));
        Source().DeleteService("ape", "default/echo");

        await EventuallyAsync(() => Assert.Equal(2, Source().ConnectionsOpened));
        await MirroredAsync();
        Assert.Equal(["default/web"], CachedServices());
        AssertOneStreamAndOneListAtMost();
    }
}
