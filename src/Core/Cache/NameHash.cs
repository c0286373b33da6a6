using System.Buffers;
using System.Text;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Cache;

/// <summary>The hash of a key: seeds the digest of its value, and chooses the snapshot chunk that it belongs to.</summary>
internal readonly record struct NameHash(ulong Low, ulong High)
{
    private const int OnStack = 256;

    public static NameHash Of(in MeshKey key)
    {
        var most = Encoding.UTF8.GetMaxByteCount(key.Name.Length);
        var rented = most > OnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        var utf8 = rented ?? stackalloc byte[OnStack];
        var (low, high) = MurmurHash.Hash(utf8[..Encoding.UTF8.GetBytes(key.Name, utf8)], (ulong)key.Kind, (ulong)key.Kind);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return new(low, high);
    }

    /// <summary>The digest of this key with a value.</summary>
    public ContentDigest With(ReadOnlySpan<byte> value)
    {
        var (low, high) = MurmurHash.Hash(value, Low, High);
        return new(new UInt128(high, low));
    }
}
