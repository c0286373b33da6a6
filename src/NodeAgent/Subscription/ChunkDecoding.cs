using System.Buffers;
using System.IO.Compression;
using Google.Protobuf;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>
/// Reads the records of a snapshot chunk, one after the other: two bytes can stand for a record of a hundred, so whoever reads
/// them must be able to stop. What the chunk says of its size is believed up to a limit, and held to.
/// </summary>
internal static class ChunkDecoding
{
    private static readonly uint RecordTag = WireFormat.MakeTag(Delta.RecordsFieldNumber, WireFormat.WireType.LengthDelimited);

    /// <exception cref="MeshProtocolException">
    /// The codec is unknown, or the bytes are not what they claim to be. While the records are read also <see cref="InvalidProtocolBufferException"/>.
    /// </exception>
    public static IEnumerable<Record> RecordsOf(SnapshotChunk chunk, ClusterName cluster, int maxBytes) => chunk.Codec switch
    {
        Codec.None => Parse(chunk.Records.CreateCodedInput()),
        Codec.Brotli when chunk.RawBytes > maxBytes => throw new MeshProtocolException(
            $"chunk {chunk.Chunk} of cluster {cluster} has {chunk.RawBytes} bytes, more than {maxBytes}"),
        Codec.Brotli => Decompress(chunk, cluster),
        _ => throw new MeshProtocolException($"chunk {chunk.Chunk} of cluster {cluster} has the unknown codec {(int)chunk.Codec}"),
    };

    private static IEnumerable<Record> Decompress(SnapshotChunk chunk, ClusterName cluster)
    {
        var size = (int)chunk.RawBytes;
        var plain = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            // Never writes beyond what was announced, whatever the bytes unfold to.
            if (!BrotliDecoder.TryDecompress(chunk.Records.Span, plain.AsSpan(0, size), out var written) || written != size)
            {
                throw new MeshProtocolException($"chunk {chunk.Chunk} of cluster {cluster} does not unfold to the {size} bytes that it announces");
            }

            // The parser copies what it keeps.
            using var input = new CodedInputStream(plain, 0, size);
            foreach (var record in Parse(input))
            {
                yield return record;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    private static IEnumerable<Record> Parse(CodedInputStream input)
    {
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (tag == RecordTag)
            {
                var record = new Record();
                input.ReadMessage(record);
                yield return record;
            }
            else
            {
                input.SkipLastField();
            }
        }
    }
}
