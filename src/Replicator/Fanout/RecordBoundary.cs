namespace KvStoreMesh.Replicator.Fanout;

/// <summary>Finds where a run of <c>Delta.records</c> fields may be cut.</summary>
internal static class RecordBoundary
{
    /// <summary>
    /// The length of the longest prefix of whole records that fits into <paramref name="maxBytes"/>; of the first
    /// record if not even that one fits.
    /// </summary>
    /// <exception cref="InvalidDataException">The bytes are not such a run.</exception>
    public static int Prefix(ReadOnlySpan<byte> records, int maxBytes)
    {
        if (records.Length <= maxBytes)
        {
            return records.Length;
        }

        var end = 0;
        while (end < records.Length)
        {
            var next = end + RecordLength(records[end..]);
            if (next > maxBytes && end > 0)
            {
                break;
            }

            end = next;
            if (end >= maxBytes)
            {
                break;
            }
        }

        return end;
    }

    private static int RecordLength(ReadOnlySpan<byte> field)
    {
        // One byte of tag, then the length as a varint of at most five bytes.
        var length = 0;
        for (int i = 1, shift = 0; i < field.Length && shift < 32; i++, shift += 7)
        {
            length |= (field[i] & 0x7f) << shift;
            if (field[i] < 0x80)
            {
                var total = i + 1 + length;
                return length >= 0 && total <= field.Length
                    ? total
                    : throw new InvalidDataException("a snapshot chunk ends within a record");
            }
        }

        throw new InvalidDataException("a snapshot chunk ends within the length of a record");
    }
}
