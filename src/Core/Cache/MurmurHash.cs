using System.Buffers.Binary;
using System.Numerics;

namespace KvStoreMesh.Core.Cache;

/// <summary>
/// MurmurHash3, the x64 variant with 128 bits, with a seed for each half. Not cryptographic: it tells accidents apart, and
/// who could craft values at a source is trusted for the content anyway.
/// </summary>
internal static class MurmurHash
{
    private const ulong C1 = 0x87c37b91114253d5;
    private const ulong C2 = 0x4cf5ad432745937f;

    public static (ulong Low, ulong High) Hash(ReadOnlySpan<byte> data, ulong seedLow, ulong seedHigh)
    {
        var (h1, h2) = (seedLow, seedHigh);
        var rest = data;
        for (; rest.Length >= 16; rest = rest[16..])
        {
            h1 ^= Scramble(BinaryPrimitives.ReadUInt64LittleEndian(rest), C1, 31, C2);
            h1 = ((BitOperations.RotateLeft(h1, 27) + h2) * 5) + 0x52dce729;
            h2 ^= Scramble(BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]), C2, 33, C1);
            h2 = ((BitOperations.RotateLeft(h2, 31) + h1) * 5) + 0x38495ab5;
        }

        if (rest.Length > 0)
        {
            Span<byte> tail = stackalloc byte[16];
            tail.Clear();
            rest.CopyTo(tail);
            h2 ^= Scramble(BinaryPrimitives.ReadUInt64LittleEndian(tail[8..]), C2, 33, C1);
            h1 ^= Scramble(BinaryPrimitives.ReadUInt64LittleEndian(tail), C1, 31, C2);
        }

        h1 ^= (ulong)data.Length;
        h2 ^= (ulong)data.Length;
        h1 += h2;
        h2 += h1;
        (h1, h2) = (Finish(h1), Finish(h2));
        h1 += h2;
        h2 += h1;
        return (h1, h2);
    }

    private static ulong Scramble(ulong word, ulong first, int rotation, ulong second) => BitOperations.RotateLeft(word * first, rotation) * second;

    private static ulong Finish(ulong h)
    {
        h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
        h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53;
        return h ^ (h >> 33);
    }
}
