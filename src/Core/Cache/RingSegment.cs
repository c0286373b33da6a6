using System.Buffers;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Cache;

/// <summary>
/// A stretch of the <see cref="DeltaRing"/>: encoded entries one after the other, and where each ends. Written by one
/// thread up to what the ring has published, read by any; what is written never changes.
/// </summary>
internal sealed class RingSegment(long firstSeq, int capacity)
{
    private const long SlotBytes = 24;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(capacity);
    private Slot[] _slots = new Slot[Math.Clamp(capacity / 256, 4, 4096)];
    private int _count;

    [Flags]
    private enum SlotFlags : byte
    {
        None = 0,
        Mark = 1,
        EndsGroup = 2,
        HasTimestamp = 4,
    }

    public long FirstSeq => firstSeq;

    /// <summary>Memory, the index included.</summary>
    public long Size => _bytes.Length + (_slots.Length * SlotBytes);

    // The writer's side.

    public bool HasRoomFor(int bytes) => UsedBytes + bytes <= _bytes.Length;

    /// <summary>The space of the next entry, to be filled at once.</summary>
    public Span<byte> Append(int bytes, RingSubject subject, long? timestamp)
    {
        if (_count == _slots.Length)
        {
            // A reader that still holds the old array finds in it all that was published when it looked.
            Array.Resize(ref _slots, _count * 2);
        }

        var start = UsedBytes;
        var flags = (subject.IsMark ? SlotFlags.Mark | SlotFlags.EndsGroup : SlotFlags.None) | (timestamp is null ? SlotFlags.None : SlotFlags.HasTimestamp);
        _slots[_count++] = new(start + bytes, subject.Cluster, timestamp ?? 0, flags, (byte)(subject.Kind ?? 0));
        return _bytes.AsSpan(start, bytes);
    }

    public void EndGroup() => _slots[_count - 1] = _slots[_count - 1] with { Flags = _slots[_count - 1].Flags | SlotFlags.EndsGroup };

    // The readers' side: of entries up to the published head only.

    public RingRead Read(long first, long head, long end, int maxBytes)
    {
        var slots = Volatile.Read(ref _slots);
        var from = (int)(first - firstSeq);
        var start = StartOf(slots, from);
        if (slots[from].Is(SlotFlags.Mark))
        {
            return new(RingReadKind.Mark, new(_bytes, start, slots[from].End - start), first, first, EndsGroup: true);
        }

        // Whole groups if one fits, else as much as fits of the first one.
        var limit = (int)(Math.Min(head, end) - firstSeq);
        var (last, lastWhole) = (from, -1);
        for (var i = from; i <= limit && !slots[i].Is(SlotFlags.Mark) && (i == from || slots[i].End - start <= maxBytes); i++)
        {
            last = i;
            lastWhole = slots[i].Is(SlotFlags.EndsGroup) ? i : lastWhole;
        }

        last = lastWhole < 0 ? last : lastWhole;
        return new(
            RingReadKind.Records, new(_bytes, start, slots[last].End - start), first, firstSeq + last, EndsGroup: lastWhole >= 0);
    }

    /// <summary>
    /// As above, of what is wanted only: the bytes are copied, since there is a gap wherever something is left out. What is
    /// not wanted is passed over, at most to the end of the segment: the range then says how far, and may have no bytes.
    /// </summary>
    public RingRead Read(long first, long head, long end, int maxBytes, Func<RingSubject, bool> wanted)
    {
        var slots = Volatile.Read(ref _slots);
        var limit = (int)(Math.Min(head, end) - firstSeq);
        var from = (int)(first - firstSeq);
        var bytes = new ArrayBufferWriter<byte>();
        var (last, lastWhole, wholeBytes) = (from - 1, from - 1, 0);
        for (var i = from; i <= limit; i++)
        {
            var slot = slots[i];
            var isWanted = wanted(slot.Subject);
            var length = slot.End - StartOf(slots, i);
            if (isWanted && slot.Is(SlotFlags.Mark))
            {
                if (last < from)
                {
                    return new(RingReadKind.Mark, new(_bytes, slot.End - length, length), first, first, EndsGroup: true);
                }

                break;
            }

            if (isWanted)
            {
                if (bytes.WrittenCount > 0 && bytes.WrittenCount + length > maxBytes)
                {
                    break;
                }

                bytes.Write(_bytes.AsSpan(slot.End - length, length));
            }

            last = i;
            if (slot.Is(SlotFlags.EndsGroup))
            {
                (lastWhole, wholeBytes) = (i, bytes.WrittenCount);
            }
        }

        // Whole groups if there is one, also one of which nothing is wanted; else what fits of the first.
        var isWhole = lastWhole >= from;
        var written = bytes.WrittenMemory[..(isWhole ? wholeBytes : bytes.WrittenCount)];
        return new(RingReadKind.Records, new ReadOnlySequence<byte>(written), first, firstSeq + (isWhole ? lastWhole : last), isWhole);
    }

    public bool TryGetTimestamp(long seq, out long timestamp)
    {
        var slot = Volatile.Read(ref _slots)[(int)(seq - firstSeq)];
        timestamp = slot.Timestamp;
        return slot.Is(SlotFlags.HasTimestamp);
    }

    private static int StartOf(Slot[] slots, int i) => i == 0 ? 0 : slots[i - 1].End;

    private int UsedBytes => _count == 0 ? 0 : _slots[_count - 1].End;

    private readonly record struct Slot(int End, uint Cluster, long Timestamp, SlotFlags Flags, byte Kind)
    {
        public RingSubject Subject => new(Cluster, Kind == 0 ? null : (ResourceKind)Kind);

        public bool Is(SlotFlags flag) => (Flags & flag) != 0;
    }
}
