using System.Collections.Immutable;
using KvStoreMesh.Core.Cache;
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
internal sealed class SubscriberCursor
{
    private readonly MeshCache _cache;
    private readonly ClusterRoster _roster;
    private readonly int _maxFrameBytes;
    private readonly Queue<MeshClusterView> _toSnapshot = new();
    private readonly Queue<CursorFrame> _afterwards = new();
    private IEnumerator<CursorFrame>? _snapshot;
    private Dictionary<uint, long>? _snapshotSeqs;
    private uint _newest;
    private bool _announce;

    /// <summary>Notes where the stream starts; nothing is sent before <see cref="Next"/>.</summary>
    public SubscriberCursor(MeshCache cache, ClusterRoster roster, int maxFrameBytes)
    {
        (_cache, _roster, _maxFrameBytes) = (cache, roster, maxFrameBytes);
        Plan();
        Offered = [.. _toSnapshot];
    }

    /// <summary>The clusters there were at the start: each comes as a snapshot, or goes by a mark of the ring.</summary>
    public ImmutableArray<MeshClusterView> Offered { get; }

    /// <summary>Everything up to it has been sent, once <see cref="IsFollowing"/>.</summary>
    public long Seq { get; private set; }

    /// <summary>The snapshots are sent: what follows comes from the ring.</summary>
    public bool IsFollowing { get; private set; }

    /// <summary>How often the ring had overtaken the subscriber.</summary>
    public int Resyncs { get; private set; }

    /// <summary>Something can be sent without waiting for a heartbeat to be due.</summary>
    public bool HasMore => !IsFollowing || _announce || Seq != _cache.Head;

    /// <summary>The next frame, or null if there is nothing to say.</summary>
    public CursorFrame? Next(SharedFrames frames, FreshnessReport freshness, bool heartbeatDue)
    {
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
                return new CursorFrame(frames.Heartbeat(Seq, freshness, _newest), Seq, IsHeartbeat: true);
            }

            var next = frames.After(Seq, _maxFrameBytes);
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
                    _newest = Math.Max(_newest, next.Appeared);
                    return new CursorFrame(next.Frame!, Seq);
            }
        }
    }

    private void Resync()
    {
        Resyncs++;
        IsFollowing = false;
        foreach (var (index, name) in _roster.Gone(Plan()))
        {
            Afterwards(new ServerFrame { ClusterGone = new ClusterGone { Cluster = name, ClusterIx = index, Seq = Seq } });
        }
    }

    // After the snapshots, since only then everything up to the seq it names has been sent.
    private void Afterwards(ServerFrame frame) => _afterwards.Enqueue(new CursorFrame(FrameEncoding.Of(frame), Seq));

    /// <summary>
    /// Chooses the clusters that hold something the subscriber has not been sent. Returns all there are: one that is
    /// removed from now on must not be told to be gone here, since the ring still has records of it before its end.
    /// </summary>
    private ImmutableArray<MeshClusterView> Plan()
    {
        var reached = Seq;

        // Before the clusters are looked at: whatever changes from here on is found in the ring.
        Seq = _cache.Head;
        var clusters = _cache.Clusters;
        foreach (var view in clusters)
        {
            _roster.Learn(view.Index, view.Cluster.Value);
            _newest = Math.Max(_newest, view.Index);
            if (view.Seq > Math.Max(reached, _snapshotSeqs?.GetValueOrDefault(view.Index) ?? 0))
            {
                _toSnapshot.Enqueue(view);
            }
        }

        return clusters;
    }

    private CursorFrame? NextOfSnapshots()
    {
        while (_snapshot is null || !_snapshot.MoveNext())
        {
            if (!_toSnapshot.TryDequeue(out var planned))
            {
                return _afterwards.TryDequeue(out var frame) ? frame : null;
            }

            _snapshot = null;
            if (_cache.Snapshot(planned.Cluster) is { } snapshot && snapshot.View.Index == planned.Index)
            {
                (_snapshotSeqs ??= [])[planned.Index] = snapshot.View.Seq;
                _snapshot = SnapshotFrames.Of(snapshot, _maxFrameBytes).GetEnumerator();
            }
            else
            {
                Announce(planned);
            }
        }

        return _snapshot.Current;
    }

    // Removed before its turn: the ring has its last records and its end, which must not be of an unknown index.
    private void Announce(MeshClusterView removed) => Afterwards(new ServerFrame
    {
        EpochChange = new EpochChange
        {
            Cluster = removed.Cluster.Value,
            ClusterIx = removed.Index,
            NewEpoch = removed.Position.Epoch.Value,
            Reason = "removed before its snapshot was sent",
            Seq = Seq,
        },
    });
}
