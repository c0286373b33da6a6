using System.Buffers.Binary;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Cache;

/// <summary>
/// Says whether two hold the same keys with the same values: the sum, modulo 2^128, of a hash of every key with its value.
/// The order in which they came plays no role, and a change costs two hashes. Default: nothing is held.
/// </summary>
/// <remarks>
/// Revisions are left out on purpose: two histories with equal content are equal to an agent. Not a protection against
/// somebody who crafts values; it finds what was lost or kept by mistake.
/// </remarks>
/// <param name="Value">The sum.</param>
public readonly record struct ContentDigest(UInt128 Value)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Size = 16;

    /// <summary>The digest of one key with its value.</summary>
    public static ContentDigest Of(in MeshKey key, ReadOnlySpan<byte> value) => NameHash.Of(key).With(value);

    /// <summary>Adds what came.</summary>
    public static ContentDigest operator +(ContentDigest left, ContentDigest right) => new(unchecked(left.Value + right.Value));

    /// <summary>Takes away what went.</summary>
    public static ContentDigest operator -(ContentDigest left, ContentDigest right) => new(unchecked(left.Value - right.Value));

    /// <summary>Reads it as it is on the wire; null if it is not there, or not of this kind.</summary>
    public static ContentDigest? Read(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Size ? new(BinaryPrimitives.ReadUInt128BigEndian(bytes)) : null;

    /// <summary>As it is on the wire, big-endian.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
        return bytes;
    }

    /// <inheritdoc />
    public override string ToString() => $"{Value:x32}";
}
