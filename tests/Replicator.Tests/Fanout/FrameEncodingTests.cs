using System.Buffers;
using CsCheck;
using Google.Protobuf;
using KvStoreMesh.Protos.V1;
using KvStoreMesh.Replicator.Fanout;
using Record = KvStoreMesh.Protos.V1.Record;

namespace KvStoreMesh.Replicator.Tests.Fanout;

public sealed class FrameEncodingTests
{
    private static readonly Gen<Delta> Deltas =
        from first in Gen.Long[0, long.MaxValue]
        from last in Gen.Long[0, long.MaxValue]
        from more in Gen.Bool
        from records in Gen.Select(Gen.Long[1, long.MaxValue], Gen.String, Gen.Byte.Array[0, 300]).List[0, 20]
        select new Delta
        {
            FirstSeq = first,
            LastSeq = last,
            More = more,
            Records = { records.Select(record => new Record { Seq = record.Item1, Name = record.Item2, Value = ByteString.CopyFrom(record.Item3) }) },
        };

    [Fact]
    public void A_delta_around_encoded_records_equals_the_generated_encoding() => Deltas.Sample(delta =>
    {
        var expected = new ServerFrame { Delta = delta }.ToByteArray();
        var frame = FrameEncoding.Delta(delta.FirstSeq, delta.LastSeq, delta.More, new ReadOnlySequence<byte>(RecordsOf(delta)));
        Assert.Equal(expected, BytesOf(frame));
        Assert.Equal(expected.Length, frame.Length);
    });

    [Fact]
    public void A_chunk_around_encoded_records_equals_the_generated_encoding() => Gen.Select(Deltas, Gen.UInt, Gen.UInt).Sample((delta, index, number) =>
    {
        var records = RecordsOf(delta);
        var chunk = new SnapshotChunk { ClusterIx = index, Chunk = number, Records = ByteString.CopyFrom(records) };
        var frame = FrameEncoding.SnapshotChunk(index, number, records);

        // The generated code leaves an empty field out; the daemon sends no empty chunk.
        Assert.Equal(chunk, ServerFrame.Parser.ParseFrom(BytesOf(frame)).SnapshotChunk);
        Assert.True(records.Length == 0 || frame.Length == new ServerFrame { SnapshotChunk = chunk }.CalculateSize());
    });

    [Fact]
    public void A_run_of_records_is_cut_between_records_and_below_the_limit() => Gen.Select(Deltas, Gen.Int[1, 2000]).Sample((delta, limit) =>
    {
        ReadOnlyMemory<byte> rest = RecordsOf(delta);
        var parsed = new Delta();
        while (rest.Length > 0)
        {
            var length = RecordBoundary.Prefix(rest.Span, limit);
            var part = Delta.Parser.ParseFrom(rest[..length].Span);
            Assert.NotEmpty(part.Records);
            Assert.True(length <= limit || part.Records.Count == 1);
            parsed.MergeFrom(part);
            rest = rest[length..];
        }

        Assert.Equal(delta.Records, parsed.Records);
    });

    [Fact]
    public void A_run_that_ends_within_a_record_is_not_cut()
    {
        var bytes = RecordsOf(new Delta { Records = { new Record { Name = new string('n', 300) }, new Record { Name = new string('m', 300) } } });
        Assert.Throws<InvalidDataException>(() => RecordBoundary.Prefix(bytes.AsSpan(0, 200), 100));
    }

    private static byte[] RecordsOf(Delta delta) => new Delta { Records = { delta.Records } }.ToByteArray();

    private static byte[] BytesOf(OutboundFrame frame)
    {
        var writer = new ArrayBufferWriter<byte>();
        frame.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }
}
