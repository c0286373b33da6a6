using System.Text;
using CsCheck;
using KvStoreMesh.NodeAgent.Replica;
using KvStoreMesh.NodeAgent.Subscription;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.NodeAgent.Tests.Subscription;

/// <summary>What frames amount to, wherever the stream breaks, and what is refused.</summary>
public sealed class FrameAssemblerTests
{
    private readonly FrameAssembler _assembler = new(new AssemblerLimits());

    [Fact]
    public void A_snapshot_becomes_visible_at_its_end_only()
    {
        _assembler.Accept(Frames.Hello(("b", 1)));
        var events = Frames.Snapshot("b", 1, 5, Frames.Put(1, 1, "x", "1"), Frames.Put(1, 3, "y", "2"), Frames.Put(1, 5, "z", "3"))
            .Select(_assembler.Accept).ToList();
        Assert.All(events.SkipLast(1), Assert.Null);
        var snapshot = Assert.IsType<SnapshotReceived>(events[^1]);
        Assert.Equal(["x=1", "y=2", "z=3"], snapshot.Records.Select(Text));
    }

    [Fact]
    public void Groups_are_whole()
    {
        _assembler.Accept(Frames.Hello(("b", 1)));
        Assert.Null(_assembler.Accept(Frames.Delta(1, 2, more: true, Frames.Put(1, 1, "x", "1"), Frames.Put(1, 2, "y", "2"))));
        var heartbeat = Assert.IsType<HeartbeatReceived>(_assembler.Accept(Frames.Heartbeat(2)));
        Assert.Equal(0, heartbeat.Seq);
        var group = Assert.IsType<RecordsReceived>(_assembler.Accept(Frames.Delta(3, 3, more: false, Frames.Delete(1, 3, "x"))));
        Assert.Equal(3, group.LastSeq);
        Assert.Equal(["x=1", "y=2", "x=gone"], group.Records.Select(Text));
    }

    [Fact]
    public void What_a_snapshot_holds_is_skipped_when_the_log_repeats_it()
    {
        _assembler.Accept(Frames.Hello(("b", 1), ("c", 2)));
        foreach (var frame in Frames.Snapshot("b", 1, 10, Frames.Put(1, 9, "x", "new")))
        {
            _assembler.Accept(frame);
        }

        Assert.NotNull(_assembler.Accept(Frames.Synced(1, 10, ResourceKind.Services)));
        Assert.Null(_assembler.Accept(Frames.Synced(1, 6, ResourceKind.Nodes)));
        Assert.Null(_assembler.Accept(Frames.Epoch("b", 1, 7)));
        Assert.Null(_assembler.Accept(Frames.Gone("b", 1, 8)));
        var group = Assert.IsType<RecordsReceived>(_assembler.Accept(
            Frames.Delta(9, 11, more: false, Frames.Put(1, 9, "x", "old"), Frames.Put(2, 10, "y", "1"), Frames.Put(1, 11, "x", "newer"))));
        Assert.Equal(["y=1", "x=newer"], group.Records.Select(Text));
    }

    [Fact]
    public void A_configured_cluster_without_data_is_announced_and_gets_its_index_later()
    {
        var opened = Assert.IsType<SessionOpened>(_assembler.Accept(Frames.Hello(("a", 1), ("b", 0), ("c", 0))));
        Assert.Equal(["a", "b", "c"], opened.Clusters.Select(cluster => cluster.Value));
        Assert.IsType<ClusterAnnounced>(_assembler.Accept(Frames.Epoch("b", 2, 1)));
        Assert.IsType<RecordsReceived>(_assembler.Accept(Frames.Delta(2, 2, more: false, Frames.Put(2, 2, "x", "1"))));
    }

    [Fact]
    public void Gone_is_told_by_name_but_never_drops_a_cluster_that_was_added_again()
    {
        _assembler.Accept(Frames.Hello(("b", 5)));
        Assert.Null(_assembler.Accept(Frames.Gone("b", 3, 4)));
        Assert.Equal(Some.Cluster("c"), Assert.IsType<ClusterRemoved>(_assembler.Accept(Frames.Gone("c", 4, 4))).Cluster);
        Assert.Equal(Some.Cluster("b"), Assert.IsType<ClusterRemoved>(_assembler.Accept(Frames.Gone("b", 5, 9))).Cluster);
    }

    [Fact]
    public void A_snapshot_ends_an_open_group_whose_records_never_overwrite_it()
    {
        // The log overtook a slow reader in the middle of b's group; c's group before it was whole.
        var replica = new MeshReplica();
        ServerFrame[] frames =
        [
            Frames.Hello(("b", 1), ("c", 2)),
            Frames.Delta(1, 3, more: true, Frames.Put(2, 1, "y", "c"), Frames.Put(1, 2, "x", "old"), Frames.Put(1, 3, "z", "old")),
            .. Frames.Snapshot("b", 1, 50, Frames.Put(1, 50, "x", "new")),
            Frames.Synced(1, 50, ResourceKind.Services),
            Frames.Heartbeat(50),
            Frames.Delta(51, 51, more: false, Frames.Put(1, 51, "w", "1")),
        ];
        var events = frames.Select(_assembler.Accept).OfType<SessionEvent>().ToList();
        events.ForEach(sessionEvent => replica.Apply(sessionEvent));
        Assert.Equal("w=1 x=new y=c", View(replica));
        Assert.Equal(50, events.OfType<HeartbeatReceived>().Single().Seq);
    }

    [Fact]
    public void Unknown_frames_and_unknown_resources_are_ignored()
    {
        _assembler.Accept(Frames.Hello(("b", 1)));
        Assert.Null(_assembler.Accept(ServerFrame.Parser.ParseFrom([0x9a, 0x06, 0x01, 0x00])));
        var group = Assert.IsType<RecordsReceived>(
            _assembler.Accept(Frames.Delta(1, 1, more: false, Frames.Put(1, 1, "x", "1", (ResourceKind)99))));
        Assert.Empty(group.Records);
    }

    public static TheoryData<string, ServerFrame[]> Nonsense()
    {
        ServerFrame hello = Frames.Hello(("b", 1));
        ServerFrame[] begun = [hello, Frames.Begin("b", 1, 5, 1)];
        var compressed = Frames.Chunk(1, 0, Frames.Put(1, 1, "x", "1"));
        compressed.SnapshotChunk.Codec = (Codec)9;
        var protocol = Frames.Hello();
        protocol.HelloReply.Protocol = 2;
        return new()
        {
            { "the first frame must be HelloReply", [Frames.Heartbeat(1)] },
            { "a second HelloReply", [hello, hello] },
            { "speaks 1", [protocol] },
            { "index 4", [hello, Frames.Delta(1, 1, false, Frames.Put(4, 1, "x", "1"))] },
            { "not for c", [hello, Frames.Epoch("c", 1, 5)] },
            { "after 5", [hello, Frames.Delta(1, 5, false), Frames.Delta(5, 6, false)] },
            { "after 2 in a frame", [hello, Frames.Delta(1, 9, false, Frames.Put(1, 2, "x", "1"), Frames.Put(1, 2, "x", "1"))] },
            { "in a frame of 1 to 2", [hello, Frames.Delta(1, 2, false, Frames.Put(1, 3, "x", "1"))] },
            { "the heartbeat says 4", [hello, Frames.Delta(1, 5, false), Frames.Heartbeat(4)] },
            { "without the begin", [hello, Frames.Chunk(1, 0)] },
            { "without its begin", [hello, Frames.End(1, 5)] },
            { "inside its snapshot", [.. begun, Frames.Begin("b", 1, 6, 1)] },
            { "where 0 was due", [.. begun, Frames.Chunk(1, 1)] },
            { "unknown codec 9", [.. begun, compressed] },
            { "0 of 1 keys", [.. begun, Frames.End(1, 5)] },
            { "snapshot of 1 keys cannot", [.. begun, Frames.Chunk(1, 0, Frames.Put(1, 1, "x", "1"), Frames.Put(1, 2, "y", "1"))] },
            { "snapshot of 1 keys cannot", [.. begun, Frames.Chunk(1, 0, Frames.Delete(1, 1, "x"))] },
            { "inside its snapshot at 5", [.. begun, Frames.Delta(6, 6, false, Frames.Put(1, 6, "x", "1"))] },
            { "'B'", [Frames.Hello(("B", 1))] },
            { "characters", [hello, Frames.Delta(1, 1, false, Frames.Put(1, 1, new string('x', 5000), "1"))] },
        };
    }

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void Nonsense_ends_the_session_and_says_why(string expected, ServerFrame[] frames)
    {
        foreach (var frame in frames.SkipLast(1))
        {
            _assembler.Accept(frame);
        }

        var refused = Assert.Throws<MeshProtocolException>(() => _assembler.Accept(frames[^1]));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_staged_is_bounded_and_is_freed_by_its_end()
    {
        var assembler = new FrameAssembler(new AssemblerLimits { MaxStagedBytes = 1000 });
        assembler.Accept(Frames.Hello(("b", 1)));
        for (long seq = 1; seq < 20; seq++)
        {
            assembler.Accept(Frames.Delta(seq, seq, more: false, Frames.Put(1, seq, "x", new string('v', 500))));
        }

        assembler.Accept(Frames.Delta(20, 20, more: true, Frames.Put(1, 20, "x", new string('v', 500))));
        Assert.Throws<MeshProtocolException>(
            () => assembler.Accept(Frames.Delta(21, 21, more: true, Frames.Put(1, 21, "y", new string('v', 500)))));
    }

    [Fact]
    public void However_the_stream_is_cut_and_resumed_the_replica_ends_as_the_source_and_never_shows_a_part()
    {
        // Groups of changes of one cluster; each session starts with a snapshot and is cut after any number of frames.
        var change = Gen.Select(Gen.OneOf("k1", "k2", "k3", "k4"), Gen.OneOf("", "1", "2"));
        Gen.Select(change.List[1, 4].List[1, 8], Gen.Int[0, 30].List[0, 6], Gen.Int[1, 3]).Sample((groups, cuts, frameRecords) =>
        {
            var history = History(groups);
            var replica = new MeshReplica();
            var taken = 0;
            var isWhole = true;
            foreach (var cut in cuts.Append(int.MaxValue))
            {
                var assembler = new FrameAssembler(new AssemblerLimits());
                foreach (var frame in Session(groups, history, Math.Min(taken, groups.Count), frameRecords).Take(cut == int.MaxValue ? cut : cut + 1))
                {
                    if (assembler.Accept(frame) is { } sessionEvent)
                    {
                        replica.Apply(sessionEvent);
                        var view = View(replica);

                        // Until its Synced, which follows at once, a snapshot has only added.
                        isWhole = sessionEvent is ResourcesSynced || (isWhole && sessionEvent is not SnapshotReceived);
                        Assert.True(!isWhole || view.Length == 0 || history.Contains(view), $"'{view}' was never the source's state");
                    }
                }

                taken++;
            }

            Assert.Equal(history[^1], View(replica));
        }, iter: 500);
    }

    [Fact]
    public void Random_frames_only_ever_give_events_or_protocol_errors()
    {
        var record = Gen.Select(Gen.UInt[0, 2], Gen.Long[0, 6], Gen.OneOf("x", "y"), Gen.Int[0, 2], (index, seq, name, op) =>
        {
            var put = Frames.Put(index, seq, name, "v");
            put.Op = (Op)op;
            return put;
        });
        var frame = Gen.OneOf<ServerFrame>(
            Gen.Select(Gen.Long[0, 6], Gen.Long[0, 6], Gen.Bool, record.List[0, 2], (a, b, more, records) => Frames.Delta(a, b, more, records)),
            Gen.Select(Gen.OneOf("b", "c", "?"), Gen.UInt[0, 2], Gen.Long[0, 6], Gen.Int[0, 2], Frames.Begin),
            Gen.Select(Gen.UInt[0, 2], Gen.UInt[0, 1], record.List[0, 2], (index, number, records) => Frames.Chunk(index, number, records)),
            Gen.Select(Gen.UInt[0, 2], Gen.Long[0, 6], Frames.End),
            Gen.Select(Gen.OneOf("b", "c"), Gen.UInt[0, 2], Gen.Long[0, 6], Frames.Epoch),
            Gen.Select(Gen.OneOf("b", "c"), Gen.UInt[0, 2], Gen.Long[0, 6], Frames.Gone),
            Gen.Long[0, 6].Select(Frames.Heartbeat));
        frame.List[1, 12].Sample(frames =>
        {
            var assembler = new FrameAssembler(new AssemblerLimits());
            var replica = new MeshReplica();
            assembler.Accept(Frames.Hello(("b", 1)));
            try
            {
                foreach (var sessionEvent in frames.Select(assembler.Accept).OfType<SessionEvent>())
                {
                    replica.Apply(sessionEvent);
                }
            }
            catch (MeshProtocolException refused)
            {
                Assert.NotEmpty(refused.Message);
            }
        }, iter: 2000);
    }

    private static List<string> History(List<List<(string Key, string Value)>> groups)
    {
        SortedDictionary<string, string> state = new(StringComparer.Ordinal);
        List<string> history = [string.Empty];
        foreach (var group in groups)
        {
            foreach (var (key, value) in group)
            {
                state[key] = value;
                if (value.Length == 0)
                {
                    state.Remove(key);
                }
            }

            history.Add(string.Join(' ', state.Select(pair => $"{pair.Key}={pair.Value}")));
        }

        return history;
    }

    /// <summary>A snapshot after so many groups, then the log from its very beginning, as a daemon with other clusters replays it.</summary>
    private static IEnumerable<ServerFrame> Session(
        List<List<(string Key, string Value)>> groups, List<string> history, int snapshotAfter, int frameRecords)
    {
        yield return Frames.Hello(("b", 1));
        long seq = groups.Take(snapshotAfter).Sum(group => group.Count);
        var records = history[snapshotAfter].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => Frames.Put(1, Math.Max(seq, 1), pair.Split('=')[0], pair.Split('=')[1])).ToArray();
        foreach (var frame in Frames.Snapshot("b", 1, seq, records))
        {
            yield return frame;
        }

        yield return Frames.Synced(1, seq, ResourceKind.Services);
        seq = 0;
        foreach (var group in groups)
        {
            var left = group.Count;
            foreach (var part in group.Chunk(frameRecords))
            {
                var first = seq + 1;
                var changes = part.Select(change => change.Value.Length == 0
                    ? Frames.Delete(1, ++seq, change.Key)
                    : Frames.Put(1, ++seq, change.Key, change.Value)).ToList();
                left -= part.Length;
                yield return Frames.Delta(first, seq, left > 0, changes);
            }
        }

        yield return Frames.Heartbeat(seq);
    }

    private static string View(MeshReplica replica) => string.Join(' ', replica.Clusters.SelectMany(cluster => cluster.Entries)
        .OrderBy(entry => entry.Key.Name, StringComparer.Ordinal)
        .Select(entry => $"{entry.Key.Name}={Encoding.UTF8.GetString(entry.Value.Value.Span)}"));

    private static string Text(MeshRecord record) =>
        $"{record.Key.Name}={(record.Value is { } value ? Encoding.UTF8.GetString(value.Span) : "gone")}";
}
