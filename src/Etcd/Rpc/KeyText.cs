using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Google.Protobuf;

namespace KvStoreMesh.Etcd.Rpc;

/// <summary>Keys are bytes in etcd and text here. Those that are no UTF-8 cannot be told apart as text, so they are not mirrored.</summary>
internal static class KeyText
{
    private const char FirstEscape = '\uDC80';
    private const char LastEscape = '\uDCFF';

    /// <summary>The key as text; false if it is none.</summary>
    public static bool TryRead(ByteString key, [NotNullWhen(true)] out string? text)
    {
        text = Utf8.IsValid(key.Span) ? Encoding.UTF8.GetString(key.Span) : null;
        return text is not null;
    }

    /// <summary>
    /// The first key after <paramref name="key"/>, in a form that <see cref="ToBytes"/> turns back into exactly its bytes also
    /// if it is no UTF-8: bytes that are not text become the lone surrogates U+DC80 to U+DCFF (as in Python's PEP 383).
    /// </summary>
    public static string After(ByteString key)
    {
        var text = new StringBuilder(key.Length + 1);
        for (var rest = key.Span; rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf8(rest, out var rune, out var consumed) == OperationStatus.Done)
            {
                text.Append(rune.ToString());
            }
            else
            {
                consumed = 1;
                text.Append((char)(FirstEscape + (rest[0] - 0x80)));
            }

            rest = rest[consumed..];
        }

        return text.Append('\0').ToString();
    }

    /// <summary>The bytes of a text; lone surrogates of <see cref="After"/> become the bytes they stand for.</summary>
    public static ByteString ToBytes(string text)
    {
        var bytes = new List<byte>(text.Length);
        Span<byte> utf8 = stackalloc byte[4];
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var consumed) == OperationStatus.Done || rest[0] is < FirstEscape or > LastEscape)
            {
                bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
            }
            else
            {
                bytes.Add((byte)(rest[0] - FirstEscape + 0x80));
            }

            rest = rest[consumed..];
        }

        return UnsafeByteOperations.UnsafeWrap(bytes.ToArray());
    }

    /// <summary>A value's bytes, without a copy if the parser gave it an array of its own, which nobody changes.</summary>
    public static byte[] Value(ByteString value) =>
        MemoryMarshal.TryGetArray(value.Memory, out var segment) && segment.Array is { } array && segment.Count == array.Length
            ? array
            : value.ToByteArray();
}
