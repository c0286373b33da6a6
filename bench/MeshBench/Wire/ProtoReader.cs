namespace KvStoreMesh.MeshBench.Wire;

/// <summary>Walks over the fields of a protobuf message without allocating.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> _message = message;
    private int _position;

    /// <summary>The number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>A number field's value.</summary>
    public ulong Number { get; private set; }

    /// <summary>A length-delimited field's bytes.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Goes to the next field; false at the end.</summary>
    /// <exception cref="InvalidDataException">The bytes are no protobuf message.</exception>
    public bool Next()
    {
        if (_position >= _message.Length)
        {
            return false;
        }

        var tag = Varint();
        Field = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                Number = Varint();
                break;
            case 2:
                var length = checked((int)Varint());
                Bytes = _message.Slice(_position, length);
                _position += length;
                break;
            case 1:
                _position += 8;
                break;
            case 5:
                _position += 4;
                break;
            default:
                throw new InvalidDataException($"wire type {tag & 7} of field {Field}");
        }

        return true;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = _message[_position++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a varint of more than ten bytes");
    }
}
