using System.Buffers;
using Google.Protobuf;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// Puts the headers of the frequent frames before bytes that are encoded already. Written by hand, because a generated
/// message would have to own, and copy, every record it holds.
/// </summary>
/// <remarks>Default values are left out, as the generated code does: both give the same length for the same content.</remarks>
internal static class FrameEncoding
{
    /// <summary>The most bytes that any of these headers takes.</summary>
    public const int MaxHeaderBytes = 64;

    /// <summary>A Delta around the wire bytes of its records.</summary>
    public static OutboundFrame Delta(long firstSeq, long lastSeq, bool more, ReadOnlySequence<byte> records)
    {
        Span<byte> fields = stackalloc byte[MaxHeaderBytes];
        var inner = new WireWriter(fields);
        inner.Varint(Protos.V1.Delta.FirstSeqFieldNumber, (ulong)firstSeq);
        inner.Varint(Protos.V1.Delta.LastSeqFieldNumber, (ulong)lastSeq);
        inner.Varint(Protos.V1.Delta.MoreFieldNumber, more ? 1u : 0u);
        return Frame(ServerFrame.DeltaFieldNumber, inner.Written, records);
    }

    /// <summary>A SnapshotChunk around the wire bytes of its records.</summary>
    /// <param name="clusterIndex">The cluster.</param>
    /// <param name="chunk">The chunk's number.</param>
    /// <param name="records">The records, plain or compressed.</param>
    /// <param name="rawBytes">If they are compressed, with Brotli: their size before.</param>
    public static OutboundFrame SnapshotChunk(uint clusterIndex, uint chunk, ReadOnlyMemory<byte> records, int rawBytes = 0)
    {
        Span<byte> fields = stackalloc byte[MaxHeaderBytes];
        var inner = new WireWriter(fields);
        inner.Varint(Protos.V1.SnapshotChunk.ClusterIxFieldNumber, clusterIndex);
        inner.Varint(Protos.V1.SnapshotChunk.ChunkFieldNumber, chunk);
        inner.Varint(Protos.V1.SnapshotChunk.CodecFieldNumber, (ulong)(rawBytes > 0 ? Codec.Brotli : Codec.None));

        // Before the records, which come last because they are not copied: the order of fields is free.
        inner.Varint(Protos.V1.SnapshotChunk.RawBytesFieldNumber, (ulong)rawBytes);
        inner.Length(Protos.V1.SnapshotChunk.RecordsFieldNumber, records.Length);
        return Frame(ServerFrame.SnapshotChunkFieldNumber, inner.Written, new ReadOnlySequence<byte>(records));
    }

    /// <summary>A frame that is rare or small, encoded by the generated code.</summary>
    public static OutboundFrame Of(ServerFrame frame) => new(frame.ToByteArray(), ReadOnlySequence<byte>.Empty);

    private static OutboundFrame Frame(int member, ReadOnlySpan<byte> fields, ReadOnlySequence<byte> body)
    {
        Span<byte> prefix = stackalloc byte[MaxHeaderBytes];
        var outer = new WireWriter(prefix);
        outer.Length(member, checked((int)(fields.Length + body.Length)));
        byte[] header = [.. outer.Written, .. fields];
        return new OutboundFrame(header, body);
    }

    private ref struct WireWriter(Span<byte> target)
    {
        private readonly Span<byte> _target = target;
        private int _written;

        public readonly ReadOnlySpan<byte> Written => _target[.._written];

        public void Varint(int field, ulong value)
        {
            if (value != 0)
            {
                Raw((uint)(field << 3) | (uint)WireFormat.WireType.Varint);
                Raw(value);
            }
        }

        public void Length(int field, int length)
        {
            Raw((uint)(field << 3) | (uint)WireFormat.WireType.LengthDelimited);
            Raw((uint)length);
        }

        private void Raw(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                _target[_written++] = (byte)(value | 0x80);
            }

            _target[_written++] = (byte)value;
        }
    }
}
