using CsCheck;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Replicator.Fanout;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>I1, I2, I3, I6 and I7 over real gRPC, against a model of every state the sources ever had.</summary>
public sealed class StreamPropertyTests
{
    // A ring of a few groups: a reader that dawdles is overtaken again and again.
    private static readonly MeshCacheOptions TinyRing = new() { RingBytes = 24 << 10, SegmentBytes = 4 << 10, SnapshotChunkBytes = 2 << 10 };

    [Fact]
    public async Task A_reader_of_any_speed_ends_with_what_the_sources_hold() =>
        await Gen.Int[1, int.MaxValue].SampleAsync(RunAsync, iter: 20, threads: 1);

    [Fact]
    public async Task Every_cluster_comes_as_a_snapshot_then_synced_then_changes()
    {
        await using var server = await StreamServer.StartAsync();
        var world = new MeshWorld(server.Cache, new Random(1));
        foreach (var _ in Enumerable.Range(0, 5))
        {
            world.Change(ClusterName.Parse("b"), 4);
            world.Change(ClusterName.Parse("c"), 4);
        }

        await using var client = await StreamClient.ConnectAsync(server, replica: new ReplicaModel(world));
        var kinds = new List<Protos.V1.ServerFrame.FrameOneofCase>();
        for (var i = 0; i < 12; i++)
        {
            kinds.Add((await client.ReadAsync())!.FrameCase);
        }

        world.Change(ClusterName.Parse("d"), 3);
        kinds.Add((await client.ReadAsync())!.FrameCase);
        kinds.Add((await client.ReadAsync())!.FrameCase);

        string[] snapshot = ["SnapshotBegin", "SnapshotChunk", "SnapshotChunk", "SnapshotEnd", "Synced"];
        Assert.Equal(["HelloReply", .. snapshot, .. snapshot, "Heartbeat", "EpochChange", "Delta"], kinds.Select(kind => kind.ToString()));
    }

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        var fanout = new FanoutOptions { FrameBytesBounds = (256, 1 << 20), ReceiveBudgetBytesBounds = (1 << 10, 1 << 20) };
        await using var server = await StreamServer.StartAsync(fanout, TinyRing, seed: seed);
        var world = new MeshWorld(server.Cache, random);
        await using var client = await StreamClient.ConnectAsync(
            server,
            adjust: hello =>
            {
                hello.MaxFrameBytes = (uint)random.Next(300, 4000);
                hello.ReceiveBudgetBytes = (uint)random.Next(2000, 20_000);
            },
            replica: new ReplicaModel(world));

        await client.ReadUntilAsync(() => true);
        for (var round = 0; round < 30; round++)
        {
            for (var steps = random.Next(40); steps > 0; steps--)
            {
                world.Step(clusters: 4);
            }

            for (var frames = random.Next(25); frames > 0 && client.Replica.Position < server.Cache.Head; frames--)
            {
                await client.ReadAsync();
                if (client.Owed > 1000 || random.Next(3) == 0)
                {
                    await client.AckAsync();
                }
            }

            await client.AckAsync();
        }

        await client.ReadUntilAsync(() => client.Replica.Position == server.Cache.Head, framesPerAck: 1);
        var expected = world.Current;
        Assert.Equal(expected.Keys.Order(), client.Replica.Clusters.Keys.Order());
        Assert.All(expected, pair => Assert.Equal(
            pair.Value.OrderBy(entry => entry.Key.ToString()), client.Replica.Clusters[pair.Key].OrderBy(entry => entry.Key.ToString())));
    }
}
