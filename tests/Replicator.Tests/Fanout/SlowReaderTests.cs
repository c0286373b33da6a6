using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Replicator.Fanout;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>I8 and I9: what a slow, a stopped and an absent reader cost, and whom.</summary>
public sealed class SlowReaderTests
{
    private static readonly ClusterName B = ClusterName.Parse("b");
    private static readonly MeshCacheOptions Ring = new() { RingBytes = 256 << 10, SegmentBytes = 64 << 10 };

    [Fact]
    public async Task A_stopped_reader_holds_one_window_and_delays_nobody()
    {
        const int Budget = 64 << 10;
        await using var server = await StreamServer.StartAsync(new FanoutOptions { Shards = 1 }, Ring);
        var world = new MeshWorld(server.Cache, new Random(3));
        world.Change(B, 1);
        await using var stopped = await StreamClient.ConnectAsync(server, "stopped", hello => hello.ReceiveBudgetBytes = Budget);
        await stopped.ReadUntilAsync(() => stopped.Replica.Position == server.Cache.Head);
        await using var quick = await StreamClient.ConnectAsync(server, "quick", replica: new ReplicaModel(world));

        for (var i = 0; i < 300; i++)
        {
            world.Change(B, 8, maxValue: 2000);
            await quick.ReadUntilAsync(() => quick.Replica.Position == server.Cache.Head);
        }

        var session = server.Registry.Sessions.Single(session => session.Subscription.Node == "stopped");
        Assert.True(session.Position.SentSeq < server.Cache.Horizon, "the stopped reader is overtaken, not waited for");
        Assert.InRange(session.Position.UnackedBytes, 1, Budget + session.Subscription.FrameBytes);
        Assert.Equal(0, server.Registry.Sessions.Single(session => session.Subscription.Node == "quick").Position.Resyncs);

        // It is welcome back: what it lost comes as a snapshot on the same stream.
        await stopped.ReadUntilAsync(() => stopped.Replica.Position == server.Cache.Head, framesPerAck: 1);
        Assert.True(session.Position.Resyncs > 0);
        var index = server.Cache.Clusters.Single().Index;
        Assert.Equal(world.Current[index].OrderBy(pair => pair.Key.ToString()), stopped.Replica.Clusters[index].OrderBy(pair => pair.Key.ToString()));
    }

    [Fact]
    public async Task A_subscriber_that_missed_a_removal_is_told_of_it_with_its_next_snapshots()
    {
        await using var server = await StreamServer.StartAsync(cache: Ring);
        var world = new MeshWorld(server.Cache, new Random(4));
        world.Change(B, 1);
        world.Change(ClusterName.Parse("gone"), 1);
        await using var client = await StreamClient.ConnectAsync(server, adjust: hello => hello.ReceiveBudgetBytes = 64 << 10);
        await client.ReadUntilAsync(() => client.Replica.Position == server.Cache.Head);
        Assert.Equal(2, client.Replica.Clusters.Count);

        server.Cache.Remove(ClusterName.Parse("gone"));
        var removed = server.Cache.Head;
        while (server.Cache.Horizon <= removed)
        {
            world.Change(B, 8, maxValue: 2000);
        }

        await client.ReadUntilAsync(() => client.Replica.Position == server.Cache.Head, framesPerAck: 1);

        Assert.Equal([server.Cache.Clusters.Single().Index], client.Replica.Clusters.Keys);
    }

    [Fact]
    public async Task Who_takes_nothing_and_acknowledges_nothing_is_closed()
    {
        var limit = TimeSpan.FromMilliseconds(300);
        await using var server = await StreamServer.StartAsync(new FanoutOptions { NoProgressTimeout = limit });
        var world = new MeshWorld(server.Cache, new Random(5));
        world.Change(B, 1);
        await using var client = await StreamClient.ConnectAsync(server, adjust: hello => hello.ReceiveBudgetBytes = 64 << 10);
        await client.ReadUntilAsync(() => client.Replica.Position == server.Cache.Head);
        var session = server.Registry.Sessions.Single();
        for (var i = 0; i < 100; i++)
        {
            world.Change(B, 8, maxValue: 2000);
        }

        var end = await session.Ended.WaitAsync(client.Limit);

        Assert.Equal("no-progress", end.Reason);
        Assert.NotEqual(Grpc.Core.StatusCode.OK, (await client.EndAsync()).StatusCode);
    }

    [Fact]
    public async Task Who_breaks_a_rule_while_taking_nothing_leaves_no_stream_behind()
    {
        await using var server = await StreamServer.StartAsync(new FanoutOptions { ClosingTimeout = TimeSpan.FromMilliseconds(100) });
        var world = new MeshWorld(server.Cache, new Random(6));
        await using var client = await StreamClient.ConnectAsync(server, adjust: hello => hello.MaxFrameBytes = 1 << 20);
        await client.ReadUntilAsync(() => true);
        var session = server.Registry.Sessions.Single();

        // A frame larger than the window of HTTP/2, and nobody reads: the write stays in flight.
        for (var i = 0; i < 10; i++)
        {
            world.Change(B, 50, maxValue: 20_000);
        }

        Assert.True(SpinWait.SpinUntil(() => session.Position.UnackedBytes > 256 << 10, TimeSpan.FromSeconds(20)));
        await client.AckAsync(seq: long.MaxValue);

        Assert.Equal("violation", (await session.Ended.WaitAsync(client.Limit)).Reason);
        Assert.NotEqual(Grpc.Core.StatusCode.OK, (await client.EndAsync()).StatusCode);
        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Who_is_up_to_date_may_be_silent_for_ever()
    {
        var options = new FanoutOptions { NoProgressTimeout = TimeSpan.FromMilliseconds(300) };
        await using var server = await StreamServer.StartAsync(options);
        await using var client = await StreamClient.ConnectAsync(server, adjust: hello => hello.HeartbeatMs = 500);

        for (var beats = 0; beats < 4;)
        {
            beats += (await client.ReadAsync())!.Heartbeat is null ? 0 : 1;
        }

        Assert.False(server.Registry.Sessions.Single().Ended.IsCompleted);
    }
}
