using System.Buffers;
using System.Text;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Protos.V1;
using ResourceKind = KvStoreMesh.Core.Keys.ResourceKind;

namespace KvStoreMesh.Core.Tests.Cache;

public sealed class MeshCacheTests
{
    private static readonly ClusterName Ape = ClusterName.Parse("ape");

    private readonly MeshCache _cache = new(new());

    [Fact]
    public void A_group_is_an_epoch_mark_its_records_and_a_synced_mark()
    {
        byte[] value = [0, 255, 128];
        _cache.Apply(Delta(1, 10, "first list", [ResourceKind.Nodes], new MeshChange(new(ResourceKind.Nodes, "ä/ö"), value, 9, 8)));

        var epoch = Mark(0).EpochChange;
        Assert.Equal(("ape", 1U, 0UL, 1UL, "first list", 1L), (epoch.Cluster, epoch.ClusterIx, epoch.OldEpoch, epoch.NewEpoch, epoch.Reason, epoch.Seq));
        var record = Assert.Single(Records(1));
        Assert.Equal(
            (2L, 1U, Protos.V1.ResourceKind.Nodes, "ä/ö", Op.Put, 9L, 8L),
            (record.Seq, record.ClusterIx, record.Kind, record.Name, record.Op, record.Revision, record.CreateRevision));
        Assert.Equal(value, record.Value.ToByteArray());
        var synced = Mark(2).Synced;
        Assert.Equal((1U, 3L, 10L), (synced.ClusterIx, synced.Seq, synced.Revision));
        Assert.Equal([Protos.V1.ResourceKind.Nodes], synced.Resources);
        Assert.Equal(RingReadKind.UpToDate, _cache.Read(3, 100).Kind);
        Assert.Equal(3, _cache.Head);
    }

    [Fact]
    public void What_is_encoded_is_byte_for_byte_what_the_protocol_s_own_writer_encodes()
    {
        _cache.Apply(Delta(ulong.MaxValue >> 1, long.MaxValue, "r", [ResourceKind.Identities, ResourceKind.ServiceExports]));
        _cache.Apply(Delta(ulong.MaxValue >> 1, long.MaxValue, null, [], Put("", new string('x', 200)), Put("n", ""), Put("m", "x")));
        foreach (var (cursor, kind) in new[] { (0, RingReadKind.Mark), (1, RingReadKind.Mark), (2, RingReadKind.Records) })
        {
            var read = _cache.Read(cursor, 1 << 20);
            Assert.Equal(kind, read.Kind);
            Google.Protobuf.IMessage message = kind == RingReadKind.Mark
                ? ServerFrame.Parser.ParseFrom(read.Bytes)
                : Protos.V1.Delta.Parser.ParseFrom(read.Bytes);
            Assert.Equal(Google.Protobuf.MessageExtensions.ToByteArray(message), read.Bytes.ToArray());
        }
    }

    [Fact]
    public void What_is_held_already_is_not_published_again()
    {
        _cache.Apply(Delta(1, 10, null, [], Put("n", "1", 5)));
        var head = _cache.Head;
        var published = 0;
        _cache.Published += () => published++;

        _cache.Apply(Delta(1, 11, null, [], Put("n", "1", 5), Delete("absent")));
        Assert.Equal((head, 0), (_cache.Head, published));
        Assert.Equal(11, View.Position.Revision);

        _cache.Apply(Delta(1, 12, null, [], Put("n", "1", 12)));
        Assert.Equal((head + 1, 1), (_cache.Head, published));
    }

    [Fact]
    public void In_a_new_epoch_only_what_differs_is_published_and_the_rest_takes_its_new_revisions()
    {
        _cache.Apply(Delta(1, 100, null, [ResourceKind.Nodes], Put("same", "1", 90), Put("other", "1", 91), Put("gone", "1", 92)));
        var head = _cache.Head;
        _cache.Apply(Delta(2, 7, "wiped", [], Put("other", "2", 6)));
        Assert.Empty(View.Synced);
        Assert.Equal([("gone", 0L), ("other", 6L), ("same", 0L)], Snapshot().Select(r => (r.Name, r.Revision)).Order());

        _cache.Apply(Delta(2, 8, null, [ResourceKind.Nodes], Put("same", "1", 3), Put("other", "2", 6)));

        Assert.Equal("wiped", Mark(head).EpochChange.Reason);
        Assert.Equal(["other put 6"], Records(head + 1).Select(Text));
        Assert.Equal(["gone del 8"], Records(head + 2).Select(Text));
        Assert.Single(Mark(head + 3).Synced.Resources);
        Assert.Equal([("other", 6L), ("same", 3L)], Snapshot().Select(r => (r.Name, r.Revision)).Order());
    }

    [Fact]
    public void Synced_is_told_once_in_an_epoch()
    {
        _cache.Apply(Delta(1, 1, null, [ResourceKind.Nodes]));
        var head = _cache.Head;
        _cache.Apply(Delta(1, 2, null, [ResourceKind.Nodes, ResourceKind.Services]));
        Assert.Equal([Protos.V1.ResourceKind.Services], Mark(head).Synced.Resources);
        Assert.Equal([ResourceKind.Nodes, ResourceKind.Services], View.Synced);
        _cache.Apply(Delta(1, 3, null, [ResourceKind.Nodes]));
        Assert.Equal(head + 1, _cache.Head);
    }

    [Fact]
    public void Keys_and_bytes_are_counted_as_they_change()
    {
        _cache.Apply(Delta(1, 1, null, [], Put("ä", "12"), Put("b", "123"), Put("b", "1")));
        Assert.Equal((2, 2L + 2 + 1 + 1), (View.Keys, View.Bytes));
        _cache.Apply(Delta(1, 2, null, [], Delete("ä")));
        Assert.Equal((1, 2L), (View.Keys, View.Bytes));
    }

    [Fact]
    public void A_removed_cluster_is_gone_and_its_index_is_never_used_again()
    {
        _cache.Apply(Delta(1, 1, null, []));
        _cache.Remove(Ape);
        Assert.Equal(("ape", 1U, 2L), (Mark(1).ClusterGone.Cluster, Mark(1).ClusterGone.ClusterIx, Mark(1).ClusterGone.Seq));
        Assert.Empty(_cache.Clusters);
        Assert.Null(_cache.Snapshot(Ape));
        Assert.False(_cache.TryGetReadTimestamp(2, out _));

        _cache.Apply(Delta(1, 1, null, []));
        Assert.Equal((2U, 0UL), (Mark(2).EpochChange.ClusterIx, Mark(2).EpochChange.OldEpoch));
    }

    [Fact]
    public void The_removal_of_a_cluster_that_was_never_seen_names_it_without_an_index()
    {
        _cache.Remove(Ape);
        Assert.Equal(("ape", 0U, 1L), (Mark(0).ClusterGone.Cluster, Mark(0).ClusterGone.ClusterIx, Mark(0).ClusterGone.Seq));
    }

    [Fact]
    public void Clusters_are_ordered_by_name()
    {
        foreach (var name in new[] { "b", "a-1", "c", "a" })
        {
            _cache.Apply(Delta(1, 1, null, []) with { Cluster = ClusterName.Parse(name) });
        }

        Assert.Equal(["a", "a-1", "b", "c"], _cache.Clusters.Select(view => view.Cluster.Value));
    }

    [Fact]
    public void The_time_of_reading_is_known_of_every_seq_that_the_ring_holds()
    {
        var cache = new MeshCache(new() { RingBytes = 600, SegmentBytes = 100 });
        for (var i = 1; i <= 50; i++)
        {
            cache.Apply(Delta(1, i, null, [], Put("n", "x", i)) with { ReadTimestamp = 1000 + i });
        }

        Assert.True(cache.Horizon > 0);
        for (var seq = 1L; seq <= cache.Head; seq++)
        {
            Assert.Equal(seq > cache.Horizon, cache.TryGetReadTimestamp(seq, out var timestamp));
            Assert.Equal(seq > cache.Horizon ? 1000 + seq - 1 : 0, timestamp);
        }

        Assert.False(cache.TryGetReadTimestamp(cache.Head + 1, out _));
    }

    [Fact]
    public void A_snapshot_is_shared_as_far_as_it_is_unchanged_and_cut_into_chunks_in_the_order_of_kinds()
    {
        var cache = new MeshCache(new() { SnapshotChunkBytes = 100 });
        MeshChange[] changes = [.. Enumerable.Range(0, 20).Select(i => Put($"n{i}", new string('x', 30), i + 1))];
        cache.Apply(Delta(1, 30, null, [], [.. changes, new(new(ResourceKind.Identities, "7"), [1], 30, 30), new(MeshKey.ClusterConfig, [2], 1, 1)]));

        var snapshot = cache.Snapshot(Ape)!;
        var again = cache.Snapshot(Ape)!;
        Assert.Equal(snapshot.Chunks, again.Chunks);
        Assert.All(snapshot.Chunks, chunk => Assert.InRange(chunk.Bytes, 1, 200));
        Assert.All(snapshot.Chunks, chunk => Assert.Equal(chunk.Bytes, chunk.Plain.Length));
        var records = snapshot.Chunks.SelectMany(chunk => Protos.V1.Delta.Parser.ParseFrom(chunk.Plain.Span).Records).ToList();
        Assert.Equal(22, records.Count);
        Assert.Equal(records.OrderBy(record => record.Kind), records);

        cache.Apply(Delta(1, 31, null, [], Delete("n3")));
        var changed = cache.Snapshot(Ape)!;
        Assert.Equal(cache.Head, changed.View.Seq);
        Assert.Equal(21, changed.Chunks.Sum(chunk => chunk.Records));

        // Only the bucket of the key that went is made anew.
        Assert.InRange(changed.Chunks.Intersect(snapshot.Chunks).Count(), snapshot.Chunks.Count - 3, snapshot.Chunks.Count - 1);
    }

    private static MeshChange Put(string name, string value, long revision = 1) =>
        new(new(ResourceKind.Nodes, name), Encoding.UTF8.GetBytes(value), revision, revision);

    private static MeshChange Delete(string name) => new(new(ResourceKind.Nodes, name), null, 1, 0);

    private static ClusterDelta Delta(
        ulong epoch, long revision, string? reason, IReadOnlyList<ResourceKind> synced, params MeshChange[] changes) =>
        new(Ape, new(new(epoch), revision), changes, synced, reason, 1);

    private static string Text(Protos.V1.Record record) => $"{record.Name} {(record.Op == Op.Put ? "put" : "del")} {record.Revision}";

    private MeshClusterView View => Assert.Single(_cache.Clusters);

    private IEnumerable<Protos.V1.Record> Snapshot() =>
        _cache.Snapshot(Ape)!.Chunks.SelectMany(chunk => Protos.V1.Delta.Parser.ParseFrom(chunk.Plain.Span).Records);

    private ServerFrame Mark(long cursor)
    {
        var read = _cache.Read(cursor, 1);
        Assert.Equal((RingReadKind.Mark, cursor + 1, cursor + 1), (read.Kind, read.FirstSeq, read.LastSeq));
        return ServerFrame.Parser.ParseFrom(read.Bytes);
    }

    private Google.Protobuf.Collections.RepeatedField<Protos.V1.Record> Records(long cursor)
    {
        var read = _cache.Read(cursor, 1);
        Assert.Equal(RingReadKind.Records, read.Kind);
        return Protos.V1.Delta.Parser.ParseFrom(read.Bytes).Records;
    }
}
