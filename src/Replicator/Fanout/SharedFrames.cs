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
    private (long Seq, FreshnessReport Report, OutboundFrame Frame)? _heartbeat;

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

        var read = cache.Read(cursor, maxFrameBytes - FrameEncoding.MaxHeaderBytes);
        var frame = new RingFrame(read.Kind, Encode(read), read.LastSeq);
        if (frame.Frame is not null)
        {
            _ring = (cursor, maxFrameBytes, frame);
        }

        return frame;
    }

    /// <summary>A heartbeat at a cursor.</summary>
    public OutboundFrame Heartbeat(long seq, FreshnessReport report)
    {
        if (_heartbeat is { } known && known.Seq == seq && ReferenceEquals(known.Report, report))
        {
            return known.Frame;
        }

        var frame = FrameEncoding.Heartbeat(seq, report.Clusters);
        _heartbeat = (seq, report, frame);
        return frame;
    }

    private OutboundFrame? Encode(in RingRead read)
    {
        switch (read.Kind)
        {
            case RingReadKind.Records:
                return FrameEncoding.Delta(read.FirstSeq, read.LastSeq, !read.EndsGroup, read.Bytes);
            case RingReadKind.Mark:
                if (ServerFrame.Parser.ParseFrom(read.Bytes).EpochChange is { } appeared)
                {
                    roster.Learn(appeared.ClusterIx, appeared.Cluster);
                }

                return new OutboundFrame(ReadOnlyMemory<byte>.Empty, read.Bytes);
            default:
                return null;
        }
    }
}
