using System.Runtime.InteropServices;
using System.Text;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>A 64-bit hash of bytes, the same in every process. Not for hostile input.</summary>
internal static class ContentHash
{
    private const ulong First = 0x9E3779B97F4A7C15;
    private const ulong Second = 0xD6E8FEB86659FD93;

    public static ulong Of(ReadOnlySpan<byte> bytes, ulong seed = 0)
    {
        var hash = seed ^ ((ulong)bytes.Length * First);
        while (bytes.Length >= 16)
        {
            hash = Fold(MemoryMarshal.Read<ulong>(bytes) ^ First, MemoryMarshal.Read<ulong>(bytes[8..]) ^ hash);
            bytes = bytes[16..];
        }

        ulong low = 0, high = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (i < 8)
            {
                low |= (ulong)bytes[i] << (8 * i);
            }
            else
            {
                high |= (ulong)bytes[i] << (8 * (i - 8));
            }
        }

        return Fold(low ^ Second, Fold(high ^ First, hash ^ Second));
    }

    public static ulong Of(string text, ulong seed = 0) => Of(Encoding.UTF8.GetBytes(text), seed);

    /// <summary>What a key with a value adds to a digest, which is a sum, so that the order of changes does not matter.</summary>
    public static ulong Mix(ulong key, ulong value) => Fold(key ^ First, value ^ Second);

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
