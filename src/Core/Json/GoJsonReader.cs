using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace KvStoreMesh.Core.Json;

/// <summary>
/// Reads JSON into fields as Go's <c>encoding/json</c> does, which is how Cilium's own readers take the same values.
/// </summary>
/// <remarks>
/// What Go's decoder does and a .NET serializer does not:
/// <list type="bullet">
/// <item>Field names match exactly or else regardless of case. A type whose names differ in case only asks for them by
/// <see cref="FieldName"/>.</item>
/// <item>Of duplicates the last one wins, but objects merge: read into the same fields again.</item>
/// <item>null leaves a value as it is; it clears what is a pointer, map or slice in Go.</item>
/// <item>Unsigned numbers take digits only: no sign, fraction or exponent.</item>
/// <item>Text that is not UTF-8 and lone surrogates become U+FFFD instead of an error.</item>
/// </list>
/// A value that nobody reads is skipped by the next <see cref="NextField"/> or <see cref="NextItem"/>:
/// <code>
/// for (var open = json.BeginObject(); open &amp;&amp; json.NextField();)
///     if (json.Is("id"u8)) json.Read(ref id);
///     else if (json.Is("name"u8)) json.Read(ref name);
/// json.End();
/// </code>
/// Everything that is wrong is a <see cref="JsonException"/>, whose message is fit for an operator.
/// </remarks>
internal ref struct GoJsonReader
{
    // Go allows 10,000, which only a hostile writer needs: Cilium's deepest value has five.
    private const int MaxDepth = 64;

    private Utf8JsonReader _reader;
    private ReadOnlySpan<byte> _field;
    private bool _hasField;
    private bool _isPlainField;
    private bool _unread;

    /// <summary>Starts at the root value.</summary>
    /// <exception cref="JsonException">The text is longer than <paramref name="maxBytes"/>, or not JSON from its first token on.</exception>
    public GoJsonReader(ReadOnlySpan<byte> json, int maxBytes)
    {
        if (json.Length > maxBytes)
        {
            throw new JsonException($"the value has {json.Length} bytes, at most {maxBytes} are accepted");
        }

        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        Advance();
    }

    /// <summary>The name of the current field, or the key of the current map entry.</summary>
    public readonly string FieldName => Text(_field);

    /// <summary>Where the current token starts, in bytes from the start of the text.</summary>
    public readonly long Position => _reader.TokenStartIndex;

    /// <summary>Enters an object or map; false if it is null.</summary>
    public bool BeginObject() => Begin(JsonTokenType.StartObject, "an object");

    /// <summary>Enters an array; false if it is null.</summary>
    public bool BeginArray() => Begin(JsonTokenType.StartArray, "an array");

    /// <summary>Moves to the next field and its value; false at the end of the object.</summary>
    public bool NextField()
    {
        if (!Next(JsonTokenType.EndObject))
        {
            return false;
        }

        // Not as text: an agent meets millions of names, and compares bytes.
        _field = _reader.ValueSpan;
        _hasField = true;
        _isPlainField = IsPlain(_field);
        Advance();
        return true;
    }

    /// <summary>Moves to the next value; false at the end of the array.</summary>
    public bool NextItem()
    {
        var more = Next(JsonTokenType.EndArray);
        _unread = more;
        return more;
    }

    /// <summary>The current field is called this, given in ASCII.</summary>
    public readonly bool Is(ReadOnlySpan<byte> name)
    {
        if (_isPlainField)
        {
            return Ascii.EqualsIgnoreCase(_field, name);
        }

        var field = FieldName;
        if (field.Length != name.Length)
        {
            return false;
        }

        for (var i = 0; i < name.Length; i++)
        {
            if (Fold(field[i]) != Fold((char)name[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads a text.</summary>
    public void Read(ref string value)
    {
        if (Take(JsonTokenType.String, "a string"))
        {
            value = Text(_reader.ValueSpan);
        }
    }

    /// <summary>
    /// Reads a text into the caller's memory, if it is plain ASCII that fits; else nothing is read, and
    /// <see cref="Read(ref string)"/> takes it.
    /// </summary>
    public bool TryReadAscii(scoped Span<char> buffer, out int length)
    {
        length = 0;
        if (_reader.TokenType != JsonTokenType.String || _reader.ValueSpan.Length > buffer.Length || !IsPlain(_reader.ValueSpan))
        {
            return false;
        }

        _unread = false;
        return Ascii.ToUtf16(_reader.ValueSpan, buffer, out length) == OperationStatus.Done;
    }

    /// <summary>Reads a boolean.</summary>
    public void Read(ref bool value)
    {
        bool? read = value;
        Read(ref read);
        value = read ?? value;
    }

    /// <summary>Reads a boolean that may be absent; null clears it.</summary>
    public void Read(ref bool? value)
    {
        _unread = false;
        value = _reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            JsonTokenType.Null => null,
            _ => throw Unexpected("true or false"),
        };
    }

    /// <summary>Reads an unsigned number.</summary>
    public void Read<T>(ref T value)
        where T : struct, IBinaryInteger<T>, IUnsignedNumber<T>, IMinMaxValue<T>
    {
        if (!Take(JsonTokenType.Number, "a number"))
        {
            return;
        }

        if (!T.TryParse(_reader.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out value))
        {
            throw Unexpected($"a whole number from 0 to {T.MaxValue}");
        }
    }

    /// <summary>Asserts that nothing follows the root value.</summary>
    public void End()
    {
        SkipUnread();
        _reader.Read();
    }

    private static bool IsPlain(ReadOnlySpan<byte> raw) => !raw.Contains((byte)'\\') && Ascii.IsValid(raw);

    private static char Fold(char c) => c switch
    {
        >= 'A' and <= 'Z' => (char)(c | 0x20),
        // The two characters outside ASCII that Unicode folds into it, and therefore Go.
        '\u017F' => 's',
        '\u212A' => 'k',
        _ => c,
    };

    // Not Utf8JsonReader.GetString, which throws where Go replaces. The escapes were checked when the token was read.
    private static string Text(ReadOnlySpan<byte> raw)
    {
        if (!raw.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(raw);
        }

        var text = new StringBuilder(raw.Length);
        while (raw.IndexOf((byte)'\\') is >= 0 and var i)
        {
            text.Append(Encoding.UTF8.GetString(raw[..i]));
            var escape = raw[i + 1];
            raw = raw[(i + 2)..];
            if (escape != 'u')
            {
                text.Append(Unescape(escape));
                continue;
            }

            var unit = CodeUnit(raw);
            raw = raw[4..];
            if (char.IsHighSurrogate(unit) && raw.StartsWith("\\u"u8) && CodeUnit(raw[2..]) is var low && char.IsLowSurrogate(low))
            {
                text.Append(unit).Append(low);
                raw = raw[6..];
            }
            else
            {
                text.Append(char.IsSurrogate(unit) ? '\uFFFD' : unit);
            }
        }

        return text.Append(Encoding.UTF8.GetString(raw)).ToString();
    }

    private static char Unescape(byte escape) => escape switch
    {
        (byte)'b' => '\b',
        (byte)'f' => '\f',
        (byte)'n' => '\n',
        (byte)'r' => '\r',
        (byte)'t' => '\t',
        _ => (char)escape,
    };

    private static char CodeUnit(ReadOnlySpan<byte> hex) =>
        (char)ushort.Parse(hex[..4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private bool Begin(JsonTokenType start, string expected) => Take(start, expected);

    // False if the value is null.
    private bool Take(JsonTokenType type, string expected)
    {
        _unread = false;
        return _reader.TokenType == type
            || (_reader.TokenType == JsonTokenType.Null ? false : throw Unexpected(expected));
    }

    private bool Next(JsonTokenType end)
    {
        SkipUnread();
        _reader.Read();
        return _reader.TokenType != end;
    }

    private void SkipUnread()
    {
        if (_unread)
        {
            _reader.Skip();
            _unread = false;
        }
    }

    private void Advance()
    {
        _reader.Read();
        _unread = true;
    }

    private readonly JsonException Unexpected(string expected) => new(
        $"{(_hasField ? $"\"{FieldName}\"" : "the value")} must be {expected}, not {Describe(_reader)}");

    private static string Describe(Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => $"the number {Encoding.UTF8.GetString(reader.ValueSpan[..Math.Min(reader.ValueSpan.Length, 32)])}",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };
}
