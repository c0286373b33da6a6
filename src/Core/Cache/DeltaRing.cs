using System.Buffers;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Cache;

/// <summary>
/// The log of the last changes, as bytes that are ready to be sent. One writer appends a group and then publishes it as
/// a whole; readers on any thread follow with nothing but a cursor, without locks and without allocations.
/// </summary>
/// <remarks>
/// Segments are allocated when needed and left to the garbage collector once they fall out of the budget. Pooling them
/// would save little, one allocation of a megabyte per megabyte of changes, and would need reference counts: a reader
/// that is slow to release would pin a segment, and one count too few would let a reader send what is being
/// overwritten. So nobody can tear a range that was handed out, and a cursor pins nothing.
/// <para>
/// A range never crosses a segment, so it is one piece of one array. (Linked segments would let a held range keep every
/// later segment alive.)
/// </para>
/// </remarks>
internal sealed class DeltaRing(long budgetBytes, int segmentBytes)
{
    private RingSegment[] _segments = [new(1, segmentBytes)];
    private long _last;
    private long _head;

    /// <summary>The last published seq.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>A cursor below it has lost its place.</summary>
    public long Horizon
    {
        get
        {
            // In this order: the writer may drop what an older head still refers to, but never adds below it.
            var head = Head;
            return Math.Min(head, Volatile.Read(ref _segments)[0].FirstSeq - 1);
        }
    }

    /// <summary>The seq that the next appended entry gets.</summary>
    public long NextSeq => _last + 1;

    /// <summary>Memory held, at most one segment over the budget.</summary>
    public long Size => _segments.Sum(segment => segment.Size);

    public void AppendRecord(in RecordEncoding record, uint cluster, ResourceKind kind, long timestamp) =>
        record.WriteTo(Append(record.Size, new(cluster, kind), timestamp));

    /// <param name="frame">A whole frame that carries <see cref="NextSeq"/>.</param>
    /// <param name="cluster">The index of the cluster it tells of.</param>
    /// <param name="timestamp">When its cause was read, if it was read.</param>
    public void AppendMark(ReadOnlySpan<byte> frame, uint cluster, long? timestamp) =>
        frame.CopyTo(Append(frame.Length, new(cluster, null), timestamp));

    /// <summary>Makes the last appended record the end of a group.</summary>
    public void EndGroup() => _segments[^1].EndGroup();

    /// <summary>Shows the readers everything appended so far. The only write that they wait for.</summary>
    public void Publish() => Volatile.Write(ref _head, _last);

    public RingRead Read(long cursor, int maxBytes) => Read(cursor, maxBytes, null);

    /// <param name="cursor">The last seq that the reader has.</param>
    /// <param name="maxBytes">The wanted size.</param>
    /// <param name="wanted">What the reader wants to see; null: everything.</param>
    public RingRead Read(long cursor, int maxBytes, Func<RingSubject, bool>? wanted)
    {
        var head = Head;
        if (cursor >= head)
        {
            return new(RingReadKind.UpToDate, ReadOnlySequence<byte>.Empty, cursor, cursor, EndsGroup: true);
        }

        // Read after the head, so it holds the head's segment or has dropped it.
        var segments = Volatile.Read(ref _segments);
        var i = Find(segments, cursor + 1);
        if (i < 0)
        {
            return new(RingReadKind.BehindHorizon, ReadOnlySequence<byte>.Empty, cursor, cursor, EndsGroup: true);
        }

        var end = i + 1 < segments.Length ? segments[i + 1].FirstSeq - 1 : long.MaxValue;
        return wanted is null ? segments[i].Read(cursor + 1, head, end, maxBytes) : segments[i].Read(cursor + 1, head, end, maxBytes, wanted);
    }

    public bool TryGetTimestamp(long seq, out long timestamp)
    {
        timestamp = 0;
        if (seq > Head)
        {
            return false;
        }

        var segments = Volatile.Read(ref _segments);
        var i = Find(segments, seq);
        return i >= 0 && segments[i].TryGetTimestamp(seq, out timestamp);
    }

    // The segment that holds a published seq, or -1 if it is gone.
    private static int Find(RingSegment[] segments, long seq)
    {
        var (low, high) = (0, segments.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = segments[middle].FirstSeq <= seq ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }

    private Span<byte> Append(int bytes, RingSubject subject, long? timestamp)
    {
        if (!_segments[^1].HasRoomFor(bytes))
        {
            Open(new(NextSeq, Math.Max(bytes, segmentBytes)));
        }

        _last++;
        return _segments[^1].Append(bytes, subject, timestamp);
    }

    private void Open(RingSegment segment)
    {
        var size = Size + segment.Size;
        var drop = 0;
        while (drop < _segments.Length && size > budgetBytes)
        {
            size -= _segments[drop++].Size;
        }

        Volatile.Write(ref _segments, [.. _segments.AsSpan(drop), segment]);
    }
}
