using System.Collections.Immutable;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Protos.V1;
using ResumeToken = KvStoreMesh.Core.Cache.ResumeToken;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// Where one subscriber stands, and what it gets next: what the clusters it lacks hold or have changed, then the ring from the
/// place where the first of them was looked at.
/// </summary>
/// <remarks>
/// The head is noted before any cluster is looked at. So everything up to it is in the snapshots and diffs, and everything after
/// it is in the ring; what is in both has a seq up to the snapshot's, by which the subscriber tells. A snapshot is
/// taken when its turn comes and held only while it is sent. A subscriber that comes back may skip all that, if the ring still
/// holds what it missed. Owned by one shard's loop; <see cref="Ask"/> by any thread. No clock, no I/O.
/// </remarks>
internal sealed class SubscriberCursor
{
    private readonly MeshCache _cache;
    private readonly ClusterRoster _roster;
    private readonly Subscription _terms;
    private readonly CatchUpRules _rules;
    private readonly Queue<(MeshClusterView View, long? Since)> _toCatchUp = new();
    private readonly Queue<CursorFrame> _synced = new();
    private readonly Queue<CursorFrame> _gone = new();
    private readonly HeldPlaces _held = new();
    private readonly AskedClusters _asked = new();
    private IEnumerator<CursorFrame>? _sending;
    private uint _newest;
    private bool _announce;
    private bool _groupOpen;

    /// <summary>Notes where the stream starts; nothing is sent before <see cref="Next"/>.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="roster">Takes the names of the clusters told.</param>
    /// <param name="terms">What was agreed upon.</param>
    /// <param name="claims">Where the subscriber says that it stands.</param>
    /// <param name="rules">When a diff will do, and whose turn it is.</param>
    public SubscriberCursor(
        MeshCache cache, ClusterRoster roster, Subscription terms, IReadOnlyDictionary<ClusterName, ResumeToken> claims, CatchUpRules rules)
    {
        (_cache, _roster, _terms, _rules) = (cache, roster, terms, rules);
        Offered = Start(claims);
    }

    /// <summary>The clusters there were at the start, and how each comes to the subscriber; or it goes by a mark of the ring.</summary>
    public ImmutableArray<OfferedCluster> Offered { get; }

    /// <summary>Everything up to it has been sent, once <see cref="IsFollowing"/>.</summary>
    public long Seq { get; private set; }

    /// <summary>The snapshots and diffs are sent: what follows comes from the ring.</summary>
    public bool IsFollowing { get; private set; }

    /// <summary>Others are brought up to date first.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>How often the ring had overtaken the subscriber, or it was so far behind that the latest state was less.</summary>
    public int Resyncs { get; private set; }

    /// <summary>Something can be sent without waiting for a heartbeat to be due.</summary>
    public bool HasMore => IsFollowing ? _announce || Seq != _cache.Head || _asked.Any : !IsWaiting;

    /// <summary>The subscriber holds something else than it should: its cluster will come anew. Any thread.</summary>
    /// <returns>False if it asked for more clusters than there can be.</returns>
    public bool Ask(ClusterName cluster) => _asked.Add(cluster);

    /// <summary>The stream is over: nobody has to wait for it any more.</summary>
    public void Leave() => _rules.Admission.Leave(this);

    /// <summary>The next frame, or null if there is nothing to say.</summary>
    public CursorFrame? Next(SharedFrames frames, FreshnessReport freshness, bool heartbeatDue)
    {
        while (true)
        {
            if (!IsFollowing)
            {
                if (NextOfCatchingUp() is { } part)
                {
                    return part;
                }

                if (IsWaiting)
                {
                    // It is told that it is not forgotten; nothing new is delivered up to anywhere.
                    return heartbeatDue
                        ? new CursorFrame(frames.Heartbeat(_held.Reached, freshness, _newest, _terms.Filter), _held.Reached, IsHeartbeat: true)
                        : null;
                }

                _rules.Admission.Leave(this);
                (IsFollowing, _announce) = (true, true);
                _held.Reach(Seq);
            }

            // Right after the snapshots too: it names the seq up to which all is sent, which no other frame does then.
            if (_announce || heartbeatDue)
            {
                _announce = false;
                return new CursorFrame(frames.Heartbeat(Seq, freshness, _newest, _terms.Filter), Seq, IsHeartbeat: true);
            }

            if (!_groupOpen && TakeAsked())
            {
                continue;
            }

            if (!_groupOpen && _terms.Features.Resume && _cache.Head - Seq > _rules.ConflateBeyond)
            {
                Resync();
                continue;
            }

            var next = frames.After(Seq, _terms.FrameBytes, _terms.Filter);
            switch (next.Kind)
            {
                case RingReadKind.BehindHorizon:
                    Resync();
                    continue;
                case RingReadKind.UpToDate:
                    _held.AllUpTo(Seq);
                    return null;
                default:
                    Seq = next.LastSeq;
                    _newest = Math.Max(_newest, next.Appeared);
                    var closes = _groupOpen && next.EndsGroup;
                    _groupOpen = next.EndsGroup ? false : _groupOpen || !next.IsEmpty;
                    if (next.EndsGroup)
                    {
                        _held.Reach(Seq);
                    }

                    if (next.IsEmpty && !closes)
                    {
                        // Nothing of it is for this subscriber, and it waits for no end.
                        continue;
                    }

                    return new CursorFrame(next.Frame!, Seq);
            }
        }
    }

    private void Resync()
    {
        Resyncs++;
        (IsFollowing, _groupOpen) = (false, false);
        Plan();
    }

    private bool TakeAsked()
    {
        foreach (var name in _asked.Take())
        {
            foreach (var view in _cache.Clusters.Where(view => view.Cluster == name && _terms.Filter.Wants(name)))
            {
                _newest = Math.Max(_newest, view.Index);
                _roster.Learn(view.Index, view.Cluster.Value);
                _toCatchUp.Enqueue((view, null));
            }
        }

        IsFollowing = _toCatchUp.Count == 0;
        return !IsFollowing;
    }

    /// <summary>The first plan: where a subscriber that comes back stands decides, and the ring may do for all.</summary>
    private ImmutableArray<OfferedCluster> Start(IReadOnlyDictionary<ClusterName, ResumeToken> claims)
    {
        var head = _cache.Head;
        var views = Wanted();
        var points = new Dictionary<uint, ResumePoint>();
        foreach (var view in views)
        {
            if (claims.TryGetValue(view.Cluster, out var token) && _cache.Resume(view.Cluster, token, _terms.Filter.Resources) is { } point)
            {
                points[view.Index] = point;
                _held.Resumed(view, point);
            }
        }

        var start = CatchUpRules.RingStart(views, _held, head);
        Seq = _rules.IsRingEnough(_cache, start, head) ? start : head;
        var offers = ImmutableArray.CreateBuilder<OfferedCluster>();
        foreach (var view in views)
        {
            var since = _held.UpTo(view);
            var mode = CatchUpRules.ModeOf(view, since, Seq);
            offers.Add(new(view, mode, points.TryGetValue(view.Index, out var point) ? point : null));
            if (mode == ResumeMode.Ring)
            {
                TellSynced(view, since!.Value);
            }
            else
            {
                _toCatchUp.Enqueue((view, since));
            }
        }

        return offers.ToImmutable();
    }

    /// <summary>Chooses the clusters that hold something the subscriber has not been sent, and where the ring goes on after them.</summary>
    private void Plan()
    {
        // Before the clusters are looked at: whatever changes from here on is found in the ring.
        Seq = _cache.Head;
        var views = Wanted();
        _toCatchUp.Clear();
        foreach (var view in views)
        {
            var since = _held.UpTo(view);
            if (since is null || since < view.Seq)
            {
                _toCatchUp.Enqueue((view, since));
            }
        }

        // Of the same clusters: one that goes from here on has records in the ring before its end.
        _gone.Clear();
        foreach (var (index, name) in _roster.Gone(_cache.Clusters))
        {
            if (_terms.Filter.Wants(ClusterName.Parse(name)))
            {
                var gone = new ClusterGone { Cluster = name, ClusterIx = index, Seq = Seq };
                _gone.Enqueue(new CursorFrame(FrameEncoding.Of(new ServerFrame { ClusterGone = gone }), Seq));
            }
        }
    }

    private ImmutableArray<MeshClusterView> Wanted()
    {
        var views = _cache.Clusters.RemoveAll(view => !_terms.Filter.Wants(view.Cluster));
        foreach (var view in views)
        {
            _roster.Learn(view.Index, view.Cluster.Value);
            _newest = Math.Max(_newest, view.Index);
        }

        return views;
    }

    private void TellSynced(MeshClusterView view, long seq)
    {
        if (CatchUpFrames.Synced(view, seq, _terms.Filter.Resources) is { } synced)
        {
            _synced.Enqueue(synced with { Seq = 0 });
        }
    }

    private CursorFrame? NextOfCatchingUp()
    {
        IsWaiting = false;
        if (_synced.TryDequeue(out var synced))
        {
            return synced;
        }

        while (_sending is null || !_sending.MoveNext())
        {
            _sending = null;
            if (!_toCatchUp.TryPeek(out var planned))
            {
                // After the snapshots, since only then everything up to the seq it names has been sent.
                return _gone.TryDequeue(out var gone) ? gone : null;
            }

            if (!_rules.Admission.TryEnter(this))
            {
                IsWaiting = true;
                return null;
            }

            _toCatchUp.Dequeue();
            if (_cache.Clusters.FirstOrDefault(view => view.Cluster == planned.View.Cluster)?.Index != planned.View.Index || !Begin(planned.View, planned.Since))
            {
                // Removed before its turn. The ring may hold records of it that lead nowhere without its snapshot: go on
                // behind them. What was sent since the plan is not sent again.
                Plan();
            }
        }

        _rules.Admission.TryEnter(this);
        return _sending.Current;
    }

    private bool Begin(MeshClusterView planned, long? since)
    {
        // A cluster that was removed and added meanwhile has no diff from before, and another index.
        if (since is { } seq && _terms.Features.Resume && _cache.Diff(planned.Cluster, seq, _terms.Filter.Resources) is { } diff)
        {
            _held.Sent(diff.View);
            _sending = CatchUpFrames.Of(diff, _terms).GetEnumerator();
            return true;
        }

        if (_cache.Snapshot(planned.Cluster) is not { } snapshot || snapshot.View.Index != planned.Index)
        {
            return false;
        }

        _held.Sent(snapshot.View);
        _sending = CatchUpFrames.Of(snapshot, _terms).GetEnumerator();
        return true;
    }
}
