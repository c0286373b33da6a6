using System.Buffers;
using System.IO.Compression;
using Google.Protobuf;
using Google.Protobuf.Collections;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>Reads the records of a snapshot chunk. What it says of its size is believed up to a limit, and held to.</summary>
internal static class ChunkDecoding
{
    /// <exception cref="MeshProtocolException">The codec is unknown, or the bytes are not what they claim to be.</exception>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no records.</exception>
    public static IReadOnlyList<Record> RecordsOf(SnapshotChunk chunk, ClusterName cluster, int maxBytes)
    {
        switch (chunk.Codec)
        {
            case Codec.None:
                return Delta.Parser.ParseFrom(chunk.Records).Records;
            case Codec.Brotli:
                if (chunk.RawBytes > maxBytes)
                {
                    throw new MeshProtocolException($"chunk {chunk.Chunk} of cluster {cluster} has {chunk.RawBytes} bytes, more than {maxBytes}");
                }

                return Decompress(chunk, cluster);
            default:
                throw new MeshProtocolException($"chunk {chunk.Chunk} of cluster {cluster} has the unknown codec {(int)chunk.Codec}");
        }
    }

    private static RepeatedField<Record> Decompress(SnapshotChunk chunk, ClusterName cluster)
    {
        var size = (int)chunk.RawBytes;
        var plain = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            // Never writes beyond what was announced, whatever the bytes unfold to. The parser copies what it keeps.
            return BrotliDecoder.TryDecompress(chunk.Records.Span, plain.AsSpan(0, size), out var written) && written == size
                ? Delta.Parser.ParseFrom(plain, 0, size).Records
                : throw new MeshProtocolException($"chunk {chunk.Chunk} of cluster {cluster} does not unfold to the {size} bytes that it announces");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }
}
