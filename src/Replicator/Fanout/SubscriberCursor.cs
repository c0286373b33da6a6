using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// Where one subscriber stands, and what it gets next: snapshots of the clusters it lacks, then the ring from the place
/// where the first of them was taken.
/// </summary>
/// <remarks>
/// The head is noted before any snapshot is taken. So everything up to it is in the snapshots, and everything after it
/// is in the ring; what is in both has a seq up to its snapshot's, by which the subscriber tells. A snapshot is
/// taken when its turn comes and held only while it is sent. Pure: owned by one shard's loop, no clock, no I/O.
/// </remarks>
internal sealed class SubscriberCursor(MeshCache cache, ClusterRoster roster, int maxFrameBytes)
{
    private readonly Queue<(uint Index, ClusterName Cluster)> _toSnapshot = new();
    private readonly Queue<OutboundFrame> _gone = new();
    private IEnumerator<CursorFrame>? _snapshot;
    private Dictionary<uint, long>? _snapshotSeqs;
    private bool _started;
    private bool _announce;

    /// <summary>Everything up to it has been sent, once <see cref="IsFollowing"/>.</summary>
    public long Seq { get; private set; }

    /// <summary>The snapshots are sent: what follows comes from the ring.</summary>
    public bool IsFollowing { get; private set; }

    /// <summary>How often the ring had overtaken the subscriber.</summary>
    public int Resyncs { get; private set; }

    /// <summary>Something can be sent without waiting for a heartbeat to be due.</summary>
    public bool HasMore => !IsFollowing || _announce || Seq != cache.Head;

    /// <summary>The next frame, or null if there is nothing to say.</summary>
    public CursorFrame? Next(SharedFrames frames, FreshnessReport freshness, bool heartbeatDue)
    {
        if (!_started)
        {
            _started = true;
            Plan();
        }

        while (true)
        {
            if (!IsFollowing)
            {
                if (NextOfSnapshots() is { } part)
                {
                    return part;
                }

                (IsFollowing, _announce) = (true, true);
            }

            // Right after the snapshots too: it names the seq up to which all is sent, which no other frame does then.
            if (_announce || heartbeatDue)
            {
                _announce = false;
                return new CursorFrame(frames.Heartbeat(Seq, freshness), Seq, IsHeartbeat: true);
            }

            var next = frames.After(Seq, maxFrameBytes);
            switch (next.Kind)
            {
                case RingReadKind.BehindHorizon:
                    Resync();
                    continue;
                case RingReadKind.UpToDate:
                    _snapshotSeqs = null;
                    return null;
                default:
                    Seq = next.LastSeq;
                    return new CursorFrame(next.Frame!, Seq);
            }
        }
    }

    private void Resync()
    {
        Resyncs++;
        IsFollowing = false;
        Plan();
        foreach (var (index, name) in roster.Gone(cache.Clusters))
        {
            var gone = new ClusterGone { Cluster = name, ClusterIx = index, Seq = Seq };
            _gone.Enqueue(FrameEncoding.Of(new ServerFrame { ClusterGone = gone }));
        }
    }

    /// <summary>Chooses the clusters that hold something the subscriber has not been sent.</summary>
    private void Plan()
    {
        var reached = Seq;

        // Before the clusters are looked at: whatever changes from here on is found in the ring.
        Seq = cache.Head;
        foreach (var view in cache.Clusters)
        {
            roster.Learn(view.Index, view.Cluster.Value);
            if (view.Seq > Math.Max(reached, _snapshotSeqs?.GetValueOrDefault(view.Index) ?? 0))
            {
                _toSnapshot.Enqueue((view.Index, view.Cluster));
            }
        }
    }

    private CursorFrame? NextOfSnapshots()
    {
        if (_gone.TryDequeue(out var gone))
        {
            return new CursorFrame(gone, 0);
        }

        while (true)
        {
            if (_snapshot is not null)
            {
                if (_snapshot.MoveNext())
                {
                    return _snapshot.Current;
                }

                _snapshot = null;
            }

            if (!_toSnapshot.TryDequeue(out var next))
            {
                return null;
            }

            // Gone, or removed and added again under another number: both are marks in the ring, after Seq.
            if (cache.Snapshot(next.Cluster) is { } snapshot && snapshot.View.Index == next.Index)
            {
                (_snapshotSeqs ??= [])[next.Index] = snapshot.View.Seq;
                _snapshot = SnapshotFrames.Of(snapshot, maxFrameBytes).GetEnumerator();
            }
        }
    }
}
