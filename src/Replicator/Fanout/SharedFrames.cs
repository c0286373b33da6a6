using KvStoreMesh.Core.Cache;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// The frames that subscribers of one shard share: who stands at the same place with the same filter, nearly all in the steady
/// state, gets the same instance. Of the ring's frames without a filter as many are remembered as a few visits of a sweep send:
/// with one only, the second frame of one subscriber would displace the first of the next.
/// </summary>
/// <remarks>Owned by one shard's loop.</remarks>
internal sealed class SharedFrames(MeshCache cache, ClusterRoster roster)
{
    // Subscribers with more filters than this share less.
    private const int MaxFiltered = 256;

    private readonly Dictionary<(SubscriberFilter Filter, long Cursor, int MaxBytes), RingFrame> _filtered = [];
    private readonly Dictionary<SubscriberFilter, Func<RingSubject, bool>> _wants = [];
    private readonly (long Cursor, int MaxBytes, RingFrame Frame)[] _ring = new (long, int, RingFrame)[4 * SessionSweep.FramesPerVisit];
    private int _remembered;
    private (long Seq, uint Newest, SubscriberFilter Filter, FreshnessReport Report, OutboundFrame Frame)? _heartbeat;

    /// <summary>Forgets the ring's frames, so that the next sweep's batches reach up to the head.</summary>
    public void BeginSweep()
    {
        // Also lets go of segments that the ring has dropped.
        Array.Clear(_ring);
        _remembered = 0;
        _filtered.Clear();
    }

    /// <summary>What follows a cursor in the ring, as a frame of about <paramref name="maxFrameBytes"/> at most.</summary>
    public RingFrame After(long cursor, int maxFrameBytes, SubscriberFilter filter)
    {
        if (!filter.IsEverything)
        {
            return Filtered(cursor, maxFrameBytes, filter);
        }

        foreach (ref readonly var known in _ring.AsSpan(0, Math.Min(_remembered, _ring.Length)))
        {
            if (known.Cursor == cursor && known.MaxBytes == maxFrameBytes)
            {
                return known.Frame;
            }
        }

        if (cache.Head == cursor)
        {
            return new RingFrame(RingReadKind.UpToDate, null, cursor);
        }

        var frame = Encode(cache.Read(cursor, maxFrameBytes - FrameEncoding.MaxHeaderBytes), filter);
        if (frame.Frame is not null)
        {
            _ring[_remembered++ % _ring.Length] = (cursor, maxFrameBytes, frame);
        }

        return frame;
    }

    /// <summary>A heartbeat at a cursor. Says nothing of clusters that the subscriber does not know at this place.</summary>
    /// <param name="seq">The cursor.</param>
    /// <param name="report">What to say.</param>
    /// <param name="newest">The highest cluster index the subscriber was told of.</param>
    /// <param name="filter">What the subscriber wants to see.</param>
    public OutboundFrame Heartbeat(long seq, FreshnessReport report, uint newest, SubscriberFilter filter)
    {
        if (_heartbeat is { } known && known.Seq == seq && known.Newest == newest && ReferenceEquals(known.Report, report) && known.Filter.Equals(filter))
        {
            return known.Frame;
        }

        // The report may be older than a removal. What the cache holds now was not removed before this cursor.
        var present = cache.Clusters.Select(view => view.Index).ToHashSet();
        var heartbeat = new Heartbeat { Seq = seq };
        heartbeat.Clusters.AddRange(report.Clusters
            .Where(cluster => cluster.View.Index <= newest && present.Contains(cluster.View.Index) && filter.Wants(cluster.View.Cluster))
            .Select(cluster => cluster.Tell(filter.Resources)));
        var frame = FrameEncoding.Of(new ServerFrame { Heartbeat = heartbeat });
        _heartbeat = (seq, newest, filter, report, frame);
        return frame;
    }

    private RingFrame Filtered(long cursor, int maxFrameBytes, SubscriberFilter filter)
    {
        if (_filtered.TryGetValue((filter, cursor, maxFrameBytes), out var known))
        {
            return known;
        }

        if (cache.Head == cursor)
        {
            return new RingFrame(RingReadKind.UpToDate, null, cursor);
        }

        if (!_wants.TryGetValue(filter, out var wants))
        {
            if (_wants.Count >= MaxFiltered)
            {
                _wants.Clear();
            }

            _wants[filter] = wants = Wants(filter);
        }

        var frame = Encode(cache.Read(cursor, maxFrameBytes - FrameEncoding.MaxHeaderBytes, wants), filter);
        if (frame.Frame is not null && _filtered.Count < MaxFiltered)
        {
            _filtered[(filter, cursor, maxFrameBytes)] = frame;
        }

        return frame;
    }

    // A method of its own: a closure is made where its variables are declared, so there it would be made for every subscriber.
    private Func<RingSubject, bool> Wants(SubscriberFilter filter) => subject => filter.Wants(subject, cache);

    private RingFrame Encode(in RingRead read, SubscriberFilter filter)
    {
        switch (read.Kind)
        {
            case RingReadKind.Records:
                var delta = FrameEncoding.Delta(read.FirstSeq, read.LastSeq, !read.EndsGroup, read.Bytes);
                return new RingFrame(read.Kind, delta, read.LastSeq, read.EndsGroup, read.Bytes.IsEmpty);
            case RingReadKind.Mark:
                return Mark(read, filter);
            default:
                return new RingFrame(read.Kind, null, read.LastSeq);
        }
    }

    // Marks are rare: one parse for all that stand here.
    private RingFrame Mark(in RingRead read, SubscriberFilter filter)
    {
        var mark = ServerFrame.Parser.ParseFrom(read.Bytes);
        var frame = new OutboundFrame(ReadOnlyMemory<byte>.Empty, read.Bytes);
        if (mark.EpochChange is { } appeared)
        {
            roster.Learn(appeared.ClusterIx, appeared.Cluster);
        }
        else if (mark.Synced is { } synced && !filter.Resources.IsAll)
        {
            // It must not say that what was left out has been sent.
            var wanted = synced.Resources.Where(kind => filter.Resources.Contains((Core.Keys.ResourceKind)kind)).ToList();
            synced.Resources.Clear();
            synced.Resources.AddRange(wanted);
            frame = FrameEncoding.Of(mark);
        }

        return new RingFrame(read.Kind, frame, read.LastSeq, Appeared: mark.EpochChange?.ClusterIx ?? 0);
    }
}
