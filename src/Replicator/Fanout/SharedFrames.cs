using KvStoreMesh.Core.Cache;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// The frames that subscribers of one shard share: who stands at the same place, nearly all in the steady state, gets
/// the same instance. Remembers only the last one of each kind, since a sweep meets them in runs.
/// </summary>
/// <remarks>Owned by one shard's loop.</remarks>
internal sealed class SharedFrames(MeshCache cache, ClusterRoster roster)
{
    private (long Cursor, int MaxBytes, RingFrame Frame)? _ring;
    private (long Seq, uint Newest, FreshnessReport Report, OutboundFrame Frame)? _heartbeat;

    /// <summary>Forgets the ring's frame, so that the next sweep's batches reach up to the head.</summary>
    public void BeginSweep() => _ring = null;

    /// <summary>What follows a cursor in the ring, as a frame of about <paramref name="maxFrameBytes"/> at most.</summary>
    public RingFrame After(long cursor, int maxFrameBytes)
    {
        if (_ring is { } known && known.Cursor == cursor && known.MaxBytes == maxFrameBytes)
        {
            return known.Frame;
        }

        if (cache.Head == cursor)
        {
            return new RingFrame(RingReadKind.UpToDate, null, cursor);
        }

        var frame = Encode(cache.Read(cursor, maxFrameBytes - FrameEncoding.MaxHeaderBytes));
        if (frame.Frame is not null)
        {
            _ring = (cursor, maxFrameBytes, frame);
        }

        return frame;
    }

    /// <summary>A heartbeat at a cursor. Says nothing of clusters that the subscriber does not know at this place.</summary>
    /// <param name="seq">The cursor.</param>
    /// <param name="report">What to say.</param>
    /// <param name="newest">The highest cluster index the subscriber was told of.</param>
    public OutboundFrame Heartbeat(long seq, FreshnessReport report, uint newest)
    {
        if (_heartbeat is { } known && known.Seq == seq && known.Newest == newest && ReferenceEquals(known.Report, report))
        {
            return known.Frame;
        }

        // The report may be older than a removal. What the cache holds now was not removed before this cursor.
        var present = cache.Clusters.Select(view => view.Index).ToHashSet();
        var heartbeat = new Heartbeat { Seq = seq };
        heartbeat.Clusters.AddRange(report.Clusters.Where(cluster => cluster.ClusterIx <= newest && present.Contains(cluster.ClusterIx)));
        var frame = FrameEncoding.Of(new ServerFrame { Heartbeat = heartbeat });
        _heartbeat = (seq, newest, report, frame);
        return frame;
    }

    private RingFrame Encode(in RingRead read)
    {
        switch (read.Kind)
        {
            case RingReadKind.Records:
                var delta = FrameEncoding.Delta(read.FirstSeq, read.LastSeq, !read.EndsGroup, read.Bytes);
                return new RingFrame(read.Kind, delta, read.LastSeq);
            case RingReadKind.Mark:
                // Marks are rare: one parse for all that stand here.
                var appeared = ServerFrame.Parser.ParseFrom(read.Bytes).EpochChange;
                if (appeared is not null)
                {
                    roster.Learn(appeared.ClusterIx, appeared.Cluster);
                }

                return new RingFrame(
                    read.Kind, new OutboundFrame(ReadOnlyMemory<byte>.Empty, read.Bytes), read.LastSeq, appeared?.ClusterIx ?? 0);
            default:
                return new RingFrame(read.Kind, null, read.LastSeq);
        }
    }
}
