using System.Diagnostics.Metrics;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Protos.V1;
using KvStoreMesh.Replicator.Fanout;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>A session from its reply to its end; I13 among it.</summary>
public sealed class StreamLifeTests
{
    private static readonly ClusterName B = ClusterName.Parse("b");

    [Fact]
    public async Task The_reply_names_what_is_known_and_what_is_only_configured()
    {
        await using var server = await StreamServer.StartAsync();
        new MeshWorld(server.Cache, new Random(1)).Change(B, 1);
        server.Configs.Publish([B, ClusterName.Parse("c")], []);
        await using var client = await StreamClient.ConnectAsync(server, adjust: hello => (hello.HeartbeatMs, hello.MaxFrameBytes) = (1, 1));

        var reply = (await client.ReadAsync())!.HelloReply;

        Assert.Equal((1u, "own"), (reply.Protocol, reply.LocalCluster));
        Assert.Equal((500u, 16u << 10, 4u << 20), (reply.HeartbeatMs, reply.MaxFrameBytes, reply.ReceiveBudgetBytes));
        Assert.Equal(
            [("b", 1u, ResumeMode.Snapshot), ("c", 0u, ResumeMode.Unspecified)],
            reply.Clusters.Select(offer => (offer.Cluster, offer.ClusterIx, offer.Mode)));
    }

    [Fact]
    public async Task Who_wants_one_cluster_is_told_of_no_other()
    {
        await using var server = await StreamServer.StartAsync();
        var world = new MeshWorld(server.Cache, new Random(1));
        world.Change(ClusterName.Parse("b"), 3);
        world.Change(ClusterName.Parse("c"), 3);
        server.Configs.Publish([ClusterName.Parse("d")], []);
        await using var client = await StreamClient.ConnectAsync(server, adjust: hello => hello.Clusters.Add("b"), replica: new ReplicaModel { IsFiltered = true });
        var reply = (await client.ReadAsync())!.HelloReply;
        Assert.Equal(["b"], reply.Clusters.Select(offer => offer.Cluster));
        world.Change(ClusterName.Parse("c"), 3);
        world.Change(ClusterName.Parse("b"), 3);
        await client.ReadUntilAsync(() => client.Replica.Position == server.Cache.Head);
        Assert.Equal(1u, Assert.Single(client.Replica.Clusters).Key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\nbreak")]
    public async Task A_node_name_that_would_garble_a_log_is_refused(string name)
    {
        await using var server = await StreamServer.StartAsync();
        await using var client = await StreamClient.ConnectAsync(server, name);
        var status = await client.EndAsync();
        Assert.Equal(Grpc.Core.StatusCode.InvalidArgument, status.StatusCode);
        Assert.StartsWith("node_name", status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_source_is_told_at_once_and_takes_nothing_away()
    {
        await using var server = await StreamServer.StartAsync();
        var world = new MeshWorld(server.Cache, new Random(1));
        world.Change(B, 5);
        Publish(server.Board, RemoteClusterPhase.Watching);
        await using var client = await StreamClient.ConnectAsync(server, replica: new ReplicaModel(world), adjust: hello => hello.HeartbeatMs = 60_000);
        await client.ReadUntilAsync(() => client.Replica.States.GetValueOrDefault(1u) == SourceState.Live);
        var held = client.Replica.Clusters[1];

        Publish(server.Board, RemoteClusterPhase.BackingOff);
        await client.ReadUntilAsync(() => client.Replica.States[1] == SourceState.Stale);

        Assert.Equal(held, client.Replica.Clusters[1]);
    }

    [Fact]
    public async Task A_shutdown_says_go_away_with_returns_spread_and_ends_the_streams()
    {
        await using var server = await StreamServer.StartAsync(new FanoutOptions { ReconnectSpread = TimeSpan.FromSeconds(10) });
        await using var one = await StreamClient.ConnectAsync(server, "one");
        await using var two = await StreamClient.ConnectAsync(server, "two");
        await one.ReadUntilAsync(() => true);
        await two.ReadUntilAsync(() => true);

        var stopped = server.StopAsync();
        var delays = await Task.WhenAll(GoAwayAsync(one), GoAwayAsync(two));
        await stopped;

        Assert.Equal([0u, 5000u], delays.Order());
    }

    [Fact]
    public async Task A_shutdown_does_not_wait_for_who_ignores_its_go_away()
    {
        await using var server = await StreamServer.StartAsync(new FanoutOptions { DrainTimeout = TimeSpan.FromMilliseconds(100) });
        await using var client = await StreamClient.ConnectAsync(server);
        await client.ReadUntilAsync(() => true);
        var session = server.Registry.Sessions.Single();

        await server.StopAsync();

        Assert.Equal("drained", (await session.Ended).Reason);
    }

    [Fact]
    public async Task Nacks_are_counted_and_the_stream_goes_on()
    {
        await using var server = await StreamServer.StartAsync();
        var world = new MeshWorld(server.Cache, new Random(1));
        await using var client = await StreamClient.ConnectAsync(server);
        await client.ReadUntilAsync(() => true);
        await client.SendAsync(new ClientFrame { Nack = new Nack { Cluster = "b", Name = "ns/echo\n", Reason = "not JSON" } });
        world.Change(B, 1);

        // The directions of a stream overtake each other; a heartbeat at the latest looks again.
        var session = server.Registry.Sessions.Single();
        await client.ReadUntilAsync(() => client.Replica.Position == server.Cache.Head && session.Position.Nacks == 1);
        Assert.Equal("Unspecified 'ns/echo ' of cluster 'b': not JSON", session.LastNack);
    }

    [Fact]
    public async Task The_lag_is_of_changes_that_came_by_the_stream_only()
    {
        await using var server = await StreamServer.StartAsync();
        var lags = new System.Collections.Concurrent.ConcurrentQueue<double>();
        using var listener = new MeterListener();
        var meters = server.Services.GetService(typeof(IMeterFactory));
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "kvstoremesh_apply_lag_seconds" && instrument.Meter.Scope == meters)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, lag, _, _) => lags.Enqueue(lag));
        listener.Start();
        var world = new MeshWorld(server.Cache, new Random(1));
        world.Change(B, 2);
        await using var client = await StreamClient.ConnectAsync(server);
        await client.ReadUntilAsync(() => client.Replica.Position == server.Cache.Head);
        var session = server.Registry.Sessions.Single();
        Assert.True(SpinWait.SpinUntil(() => session.Position.AckedSeq == server.Cache.Head, TimeSpan.FromSeconds(10)));
        Assert.Empty(lags);

        world.Change(B, 2);
        await client.ReadUntilAsync(() => client.Replica.Position == server.Cache.Head);
        Assert.True(SpinWait.SpinUntil(() => !lags.IsEmpty, TimeSpan.FromSeconds(10)));

        Assert.InRange(Assert.Single(lags), 0, 30);
    }

    private static void Publish(MeshStatusBoard board, RemoteClusterPhase phase) =>
        board.Publish(board.Current.SetItem(B, Some.Status("b", phase)));

    private static async Task<uint> GoAwayAsync(StreamClient client)
    {
        while (await client.ReadAsync() is { } frame)
        {
            if (frame.GoAway is { } goAway)
            {
                await client.Call.RequestStream.CompleteAsync();
                Assert.Null(await client.ReadAsync());
                return goAway.ReconnectAfterMs;
            }
        }

        throw new InvalidOperationException("the stream ended without a GoAway");
    }
}
