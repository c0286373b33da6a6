using System.Buffers.Binary;
using System.Text;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <summary>
/// 64 bits that stand for a key as it was at a revision. Kept in databases and compared between daemons of different
/// versions: the function never changes.
/// </summary>
/// <remarks>Finds out what differs by accident or by another history. It is no protection against a source that wants to deceive.</remarks>
public static class SourceFingerprint
{
    private const ulong First = 0x9e3779b97f4a7c15;
    private const ulong Second = 0xd6e8feb86659fd93;

    /// <summary>The fingerprint of a key with a value, or of its deletion.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; null for a deletion, which differs from an empty value.</param>
    /// <param name="modRevision">The revision of the change.</param>
    /// <param name="createRevision">The revision of the key's creation; 0 for a deletion.</param>
    public static ulong Of(in MeshKey key, byte[]? value, long modRevision, long createRevision)
    {
        var hash = Mix(First ^ (ulong)modRevision, Second ^ (ulong)createRevision);
        hash = Text(hash ^ (ulong)key.Kind, key.Name);
        return value is null ? Mix(hash ^ First, Second) : Bytes(hash, value);
    }

    private static ulong Text(ulong hash, string text)
    {
        const int Most = 512;
        Span<byte> bytes = text.Length <= Most ? stackalloc byte[Most * 3] : new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        return Bytes(hash, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private static ulong Bytes(ulong hash, ReadOnlySpan<byte> bytes)
    {
        hash = Mix(hash ^ (ulong)bytes.Length, Second);
        while (bytes.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes), First);
            bytes = bytes[sizeof(ulong)..];
        }

        Span<byte> rest = stackalloc byte[sizeof(ulong)];
        rest.Clear();
        bytes.CopyTo(rest);
        return Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(rest), Second);
    }

    // The two halves of a 128-bit product, folded: every bit of the factors reaches every bit of the result.
    private static ulong Mix(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low ^ (a << 32 | a >> 32);
    }
}
