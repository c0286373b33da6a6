using System.Buffers;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Protos.V1;
using KvStoreMesh.Replicator.Fanout;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>The decisions, without gRPC: what comes next, whatever happens between two frames.</summary>
public sealed class SubscriberCursorTests
{
    private static readonly ClusterName B = ClusterName.Parse("b");
    private static readonly ClusterName C = ClusterName.Parse("c");

    private readonly MeshCache _cache = new(new MeshCacheOptions { RingBytes = 32 << 10, SegmentBytes = 8 << 10, SnapshotChunkBytes = 4 << 10 });
    private readonly ClusterRoster _roster = new();
    private readonly MeshWorld _world;
    private readonly SharedFrames _frames;
    private FreshnessReport _freshness = new([], 0);

    public SubscriberCursorTests()
    {
        _world = new MeshWorld(_cache, new Random(1));
        _frames = new SharedFrames(_cache, _roster);
    }

    [Fact]
    public void Without_clusters_a_heartbeat_says_at_once_that_there_is_nothing()
    {
        var cursor = NewCursor();
        Assert.Equal(0, Next(cursor)!.Heartbeat.Seq);
        Assert.Null(Next(cursor));
        Assert.False(cursor.HasMore);
    }

    [Fact]
    public void What_changes_while_snapshots_are_sent_follows_from_the_ring()
    {
        _world.Change(B, 2);
        _world.Change(C, 2);
        var cursor = NewCursor();
        var replica = new ReplicaModel(_world);
        replica.Accept(Next(cursor)!);
        _world.Change(B, 3);
        _world.Change(C, 3);
        _world.Change(ClusterName.Parse("d"), 3);

        Drain(cursor, replica);

        Assert.Equal(_cache.Head, replica.Position);
        Assert.Equal(3, replica.Clusters.Count);
    }

    [Fact]
    public void A_cluster_removed_before_its_turn_is_told_to_be_gone_and_none_of_its_records_come()
    {
        _world.Change(B, 2);
        _world.Change(C, 2);
        var cursor = NewCursor();
        var replica = new ReplicaModel(_world);
        replica.Accept(Next(cursor)!);
        _world.Change(C, 2);
        _cache.Remove(C);
        _world.Change(B, 2);

        Drain(cursor, replica);

        Assert.Equal(["c", "b"], cursor.Offered.Select(offered => offered.View.Cluster.Value).OrderDescending());
        Assert.Equal(_cache.Head, replica.Position);
        Assert.Equal([_cache.Clusters.Single().Index], replica.Clusters.Keys);
        Assert.Equal(2, replica.Snapshots);
    }

    [Fact]
    public void After_a_resync_only_clusters_that_changed_come_again()
    {
        _world.Change(B, 2);
        _world.Change(C, 2);
        var cursor = NewCursor();
        var replica = new ReplicaModel(_world);
        Drain(cursor, replica);
        while (_cache.Horizon <= replica.Position)
        {
            _world.Change(C, 4);
        }

        Drain(cursor, replica);

        Assert.Equal(1, cursor.Resyncs);
        Assert.Equal(3, replica.Snapshots);
        Assert.Equal(_cache.Head, replica.Position);
    }

    [Fact]
    public void A_removal_during_a_resync_never_hides_records_before_it()
    {
        _world.Change(B, 2);
        _world.Change(C, 2);
        var cursor = NewCursor();
        var replica = new ReplicaModel(_world);
        Drain(cursor, replica);
        while (_cache.Horizon <= replica.Position)
        {
            _world.Change(B, 4);
        }

        replica.Accept(Next(cursor)!);
        _world.Change(C, 2);
        _cache.Remove(C);
        Drain(cursor, replica);

        Assert.Equal([_cache.Clusters.Single().Index], replica.Clusters.Keys);
    }

    [Fact]
    public async Task A_cursor_that_starts_while_a_cluster_appears_does_not_miss_it()
    {
        const int Rounds = 500;
        var caches = Enumerable.Range(0, Rounds).Select(_ => new MeshCache(new MeshCacheOptions { SegmentBytes = 1 << 10 })).ToArray();
        using var together = new Barrier(2);
        var writer = Task.Run(() =>
        {
            foreach (var cache in caches)
            {
                var world = new MeshWorld(cache, new Random(1));
                together.SignalAndWait();
                world.Change(B, 1, maxValue: 20);
            }
        });
        foreach (var cache in caches)
        {
            together.SignalAndWait();
            var cursor = Some.Cursor(cache, _roster, 2048);
            while (cache.Head == 0)
            {
            }

            var replica = new ReplicaModel();
            Drain(cursor, replica, new SharedFrames(cache, _roster));
            Assert.Single(replica.Clusters);
        }

        await writer;
    }

    [Fact]
    public void Subscribers_at_the_same_place_share_one_frame()
    {
        _world.Change(B, 2);
        var (one, other) = (NewCursor(), NewCursor());
        Drain(one, new ReplicaModel(_world));
        Drain(other, new ReplicaModel(_world));
        _world.Change(B, 2);

        Assert.Same(one.Next(_frames, _freshness, false)!.Value.Frame, other.Next(_frames, _freshness, false)!.Value.Frame);
        Assert.Same(one.Next(_frames, _freshness, true)!.Value.Frame, other.Next(_frames, _freshness, true)!.Value.Frame);
    }

    [Fact]
    public void A_heartbeat_names_only_clusters_that_were_announced_and_are_not_gone()
    {
        _world.Change(B, 2);
        var cursor = NewCursor();
        var replica = new ReplicaModel(_world);
        Drain(cursor, replica);
        _world.Change(C, 2);
        _freshness = new FreshnessReport([.. _cache.Clusters.Select(view => new FreshCluster(view, SourceState.Live, TimeSpan.Zero))], 1);

        replica.Accept(Next(cursor, heartbeatDue: true)!);
        Assert.Single(replica.States);
        Drain(cursor, replica);
        replica.Accept(Next(cursor, heartbeatDue: true)!);
        Assert.Equal(2, replica.States.Count);

        _cache.Remove(C);
        Drain(cursor, replica);
        replica.Accept(Next(cursor, heartbeatDue: true)!);
        Assert.Single(replica.States);
    }

    [Fact]
    public void A_cluster_that_was_never_seen_is_told_to_be_gone_by_name()
    {
        var cursor = NewCursor();
        Next(cursor);
        _cache.Remove(C);
        Assert.Equal(("c", 0u), Next(cursor)!.ClusterGone is { } gone ? (gone.Cluster, gone.ClusterIx) : default);
    }

    private SubscriberCursor NewCursor() => Some.Cursor(_cache, _roster, 2048);

    private ServerFrame? Next(SubscriberCursor cursor, bool heartbeatDue = false, SharedFrames? frames = null)
    {
        frames ??= _frames;
        frames.BeginSweep();
        if (cursor.Next(frames, _freshness, heartbeatDue) is not { } next)
        {
            return null;
        }

        var bytes = new ArrayBufferWriter<byte>();
        next.Frame.WriteTo(bytes);
        return ServerFrame.Parser.ParseFrom(bytes.WrittenSpan);
    }

    private void Drain(SubscriberCursor cursor, ReplicaModel replica, SharedFrames? frames = null)
    {
        while (Next(cursor, frames: frames) is { } frame)
        {
            replica.Accept(frame);
        }
    }
}
