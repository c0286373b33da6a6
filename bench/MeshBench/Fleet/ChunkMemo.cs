using System.IO.Compression;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>
/// The last decompressed chunks of snapshots. Agents decompress each on its own node; here thousands share two cores with
/// what is measured, so a chunk that many get is decompressed once.
/// </summary>
internal sealed class ChunkMemo
{
    private const int Slots = 1 << 10;
    private const int MaxBytes = 16 << 20;

    private readonly (ulong Hash, byte[] Raw)[] _slots = new (ulong, byte[])[Slots];

    /// <summary>The records of a chunk that is compressed with Brotli.</summary>
    /// <exception cref="InvalidDataException">It is not, or has another size than it says.</exception>
    public byte[] Decompress(ReadOnlySpan<byte> compressed, int rawBytes)
    {
        var hash = ContentHash.Of(compressed);
        ref var slot = ref _slots[hash % Slots];
        if (slot.Raw is null || slot.Hash != hash)
        {
            var raw = new byte[rawBytes is > 0 and <= MaxBytes ? rawBytes : throw new InvalidDataException($"a chunk of {rawBytes} bytes")];
            slot = BrotliDecoder.TryDecompress(compressed, raw, out var written) && written == rawBytes
                ? (hash, raw)
                : throw new InvalidDataException("a chunk that is not what it says");
        }

        return slot.Raw;
    }
}
