using System.Numerics;
using System.Text;

namespace KvStoreMesh.Core.Cache;

/// <summary>
/// Writes protobuf fields into a buffer of exactly the size that the <c>SizeOf…</c> functions announced. Fields that
/// have their default value are left out, as proto3 does.
/// </summary>
internal ref struct ProtoWriter(Span<byte> buffer)
{
    private const int Varint = 0;
    private const int LengthDelimited = 2;

    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written.</summary>
    public int Written { get; private set; }

    public static int SizeOfVarint(ulong value) => ((BitOperations.Log2(value | 1) * 9) + 73) / 64;

    /// <summary>The size of a number field; field numbers up to 15 only, here and below.</summary>
    public static int SizeOfNumber(ulong value) => value == 0 ? 0 : 1 + SizeOfVarint(value);

    /// <summary>The size of a field of this many bytes, 0 if they are none.</summary>
    public static int SizeOfBytes(int length) => length == 0 ? 0 : SizeOfMessage(length);

    public static int SizeOfText(string text) => SizeOfBytes(Encoding.UTF8.GetByteCount(text));

    /// <summary>The size of a message field, which is written also if it is empty.</summary>
    public static int SizeOfMessage(int length) => 1 + SizeOfVarint((uint)length) + length;

    public void Number(int field, ulong value)
    {
        if (value != 0)
        {
            Raw(Tag(field, Varint));
            Raw(value);
        }
    }

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            Message(field, value.Length);
            value.CopyTo(_buffer[Written..]);
            Written += value.Length;
        }
    }

    public void Text(int field, string text)
    {
        if (text.Length > 0)
        {
            Message(field, Encoding.UTF8.GetByteCount(text));
            Written += Encoding.UTF8.GetBytes(text, _buffer[Written..]);
        }
    }

    /// <summary>Starts a message field; the caller writes its body of this many bytes next.</summary>
    public void Message(int field, int length)
    {
        Raw(Tag(field, LengthDelimited));
        Raw((uint)length);
    }

    /// <summary>A varint without a tag, as packed repeated fields hold them.</summary>
    public void Raw(ulong value)
    {
        while (value >= 0x80)
        {
            _buffer[Written++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[Written++] = (byte)value;
    }

    private static ulong Tag(int field, int wireType) => (ulong)((field << 3) | wireType);
}
