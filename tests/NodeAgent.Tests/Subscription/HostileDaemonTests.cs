using System.IO.Compression;
using CsCheck;
using Google.Protobuf;
using KvStoreMesh.NodeAgent.Replica;
using KvStoreMesh.NodeAgent.Subscription;
using KvStoreMesh.Protos.V1;
using Record = KvStoreMesh.Protos.V1.Record;

namespace KvStoreMesh.NodeAgent.Tests.Subscription;

/// <summary>Whatever bytes a daemon sends, the agent takes them or ends the session and says why, in bounded memory.</summary>
public sealed class HostileDaemonTests
{
    private static readonly ServerFrame[][] Corpus =
    [
        [Frames.Hello(("b", 1), ("c", 0)), .. Frames.Snapshot("b", 1, 5, Frames.Put(1, 1, "x", "1"), Frames.Put(1, 3, "y", "2"), Frames.Put(1, 5, "z", "3")), Frames.Synced(1, 5, ResourceKind.Services), Frames.Heartbeat(5)],
        [Frames.Hello(("b", 1)), Frames.Begin("b", 1, 2, 2), Brotli(1, Frames.Put(1, 1, "x", "1"), Frames.Put(1, 2, "y", "2")), Frames.End(1, 2)],
        [Frames.Hello(("b", 1)), Frames.Delta(1, 2, more: true, Frames.Put(1, 1, "x", "1")), Frames.Delta(3, 4, more: false, Frames.Delete(1, 3, "x"))],
        [Frames.Hello(("b", 1)), Frames.Epoch("c", 2, 1), Frames.Delta(2, 2, more: false, Frames.Put(2, 2, "x", "1")), Frames.Gone("c", 2, 3)],
        [Frames.Hello(("b", 1)), new ServerFrame { GoAway = new GoAway { Reason = "update", ReconnectAfterMs = uint.MaxValue } }],
        [Frames.Hello(("b", 1)), ServerFrame.Parser.ParseFrom([0xc2, 0x3e, 0x02, 0x08, 0x01]), Frames.Heartbeat(0)],
    ];

    [Fact]
    public void Damaged_frames_only_ever_give_events_or_a_clear_refusal()
    {
        var (accepted, refused) = (0, 0);
        var damage = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 500], Gen.Byte, Gen.Int[0, 4]);
        Gen.Select(Gen.Int[0, Corpus.Length - 1], damage.List[0, 6]).Sample((number, damages) =>
        {
            var frames = Corpus[number].Select(frame => frame.ToByteArray()).ToArray();
            foreach (var (which, at, value, how) in damages)
            {
                frames[which % frames.Length] = Damage(frames[which % frames.Length], at, value, how);
            }

            var assembler = new FrameAssembler(new AssemblerLimits());
            var replica = new MeshReplica();
            try
            {
                foreach (var frame in frames)
                {
                    if (assembler.Accept(ServerFrame.Parser.ParseFrom(frame)) is { } sessionEvent)
                    {
                        replica.Apply(sessionEvent);
                    }
                }

                Interlocked.Increment(ref accepted);
            }
            catch (Exception end) when (end is MeshProtocolException or InvalidProtocolBufferException)
            {
                Assert.NotEmpty(end.Message);
                Interlocked.Increment(ref refused);
            }
        }, iter: 20_000);
        Assert.True(accepted > 1000 && refused > 1000, $"{accepted} accepted, {refused} refused");
    }

    [Fact]
    public void The_corpus_is_accepted_undamaged() => Assert.All(Corpus, frames =>
    {
        var assembler = new FrameAssembler(new AssemblerLimits());
        Assert.Contains(frames.Select(assembler.Accept), accepted => accepted is not null and not SessionOpened);
    });

    [Theory]
    [InlineData(1 << 10)]
    [InlineData(1 << 20)]
    public void A_chunk_that_unfolds_to_more_than_it_announces_is_refused_before_memory_is_spent(int announced)
    {
        var bomb = Compressed(new byte[256 << 20]);
        Assert.True(bomb.Length < 256 << 10);
        var (message, allocated) = Refusal(bomb, (uint)announced);
        Assert.Contains($"does not unfold to the {announced} bytes", message, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, announced + (256 << 10));
    }

    [Theory]
    [InlineData((16u << 20) + 1)]
    [InlineData(int.MaxValue)]
    [InlineData(uint.MaxValue)]
    public void A_chunk_that_announces_more_than_the_limit_is_refused_before_memory_is_spent(uint announced)
    {
        var (message, allocated) = Refusal(Compressed(new byte[1000]), announced);
        Assert.Contains($"has {announced} bytes, more than {16 << 20}", message, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, 256 << 10);
    }

    [Fact]
    public void A_chunk_of_millions_of_empty_records_is_refused_at_the_first()
    {
        // Two bytes each on the wire, a hundred in memory.
        var plain = new byte[8 << 20];
        for (var i = 0; i < plain.Length; i += 2)
        {
            plain[i] = 0x22;
        }

        var (message, allocated) = Refusal(Compressed(plain), (uint)plain.Length);
        Assert.Contains("holds what a snapshot of", message, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, plain.Length + (8 << 20) + (256 << 10));
    }

    private static (string Message, long Allocated) Refusal(ByteString records, uint announced)
    {
        // Once before, so that what the runtime makes at a first use is not counted.
        Refuse();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = Refuse();
        return (message, GC.GetAllocatedBytesForCurrentThread() - before);

        string Refuse()
        {
            var assembler = new FrameAssembler(new AssemblerLimits());
            assembler.Accept(Frames.Hello(("b", 1)));
            assembler.Accept(Frames.Begin("b", 1, 5, int.MaxValue));
            var chunk = new SnapshotChunk { ClusterIx = 1, Codec = Codec.Brotli, RawBytes = announced, Records = records };
            return Assert.Throws<MeshProtocolException>(() => assembler.Accept(new ServerFrame { SnapshotChunk = chunk })).Message;
        }
    }

    private static ServerFrame Brotli(uint index, params IEnumerable<Record> records)
    {
        var plain = Frames.Chunk(index, 0, records).SnapshotChunk.Records;
        var chunk = new SnapshotChunk { ClusterIx = index, Codec = Codec.Brotli, RawBytes = (uint)plain.Length, Records = Compressed(plain.ToByteArray()) };
        return new ServerFrame { SnapshotChunk = chunk };
    }

    private static ByteString Compressed(byte[] plain)
    {
        using var target = new MemoryStream();
        using (var brotli = new BrotliStream(target, CompressionLevel.Fastest))
        {
            brotli.Write(plain);
        }

        return ByteString.CopyFrom(target.ToArray());
    }

    private static byte[] Damage(byte[] frame, int at, byte value, int how)
    {
        var place = frame.Length == 0 ? 0 : at % frame.Length;
        switch (how)
        {
            case 0 when frame.Length > 0:
                frame[place] = value;
                return frame;
            case 1:
                return frame[..place];
            case 2:
                return [.. frame[..place], value, .. frame[place..]];
            case 3:
                // A field that nobody knows yet.
                return [.. frame, 0xc2, 0x3e, 0x01, value];
            default:
                return [.. frame, .. frame];
        }
    }
}
