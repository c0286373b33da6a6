using Grpc.Core;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// One subscriber's stream: at most one frame in flight, whatever the subscriber does. Decides nothing itself; joins
/// <see cref="SubscriberCursor"/>, <see cref="AckWindow"/> and <see cref="HeartbeatSchedule"/> with the call.
/// </summary>
/// <remarks>
/// <see cref="Advance"/> is called by the shard's loop only; <see cref="OnAck"/> and <see cref="OnNack"/> by the reader
/// of the call; the completion of a write by whichever thread completes it; <see cref="End"/> by any.
/// </remarks>
internal sealed class SubscriberSession
{
    private readonly Lock _gate = new();
    private readonly IServerStreamWriter<OutboundFrame> _responses;
    private readonly SubscriberCursor _cursor;
    private readonly AckWindow _window;
    private readonly HeartbeatSchedule _heartbeats;
    private readonly MeshCache _cache;
    private readonly FanoutMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Action _onWritten;
    private readonly TaskCompletionSource<SessionEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The write in flight, kept after its completion: under _gate, since it must not start once the call is over.
    private Task _write = Task.CompletedTask;
    private volatile bool _writing;
    private long _lastProgress;
    private long _lagFloor = -1;
    private long _nacks;
    private int _resyncs;
    private volatile int _goAwayAfterMs = -1;
    private bool _goAwaySent;

    /// <summary>Creates the session of an agreed subscription; nothing is sent before <see cref="Advance"/>.</summary>
    public SubscriberSession(
        ulong id,
        Subscription subscription,
        string peer,
        IServerStreamWriter<OutboundFrame> responses,
        MeshCache cache,
        SubscriberCursor cursor,
        FanoutMetrics metrics,
        Random random,
        TimeProvider time)
    {
        (Id, Subscription, Peer) = (id, subscription, peer);
        (_responses, _cache, _metrics, _time) = (responses, cache, metrics, time);
        _cursor = cursor;
        _window = new AckWindow(subscription.ReceiveBudgetBytes);
        _heartbeats = new HeartbeatSchedule(subscription.Heartbeat, random, time);
        _onWritten = OnWritten;
        _lastProgress = time.GetTimestamp();
        Since = time.GetUtcNow();
    }

    /// <summary>The session's number within this process.</summary>
    public ulong Id { get; }

    /// <summary>The terms.</summary>
    public Subscription Subscription { get; }

    /// <summary>The clusters that its Hello is answered with.</summary>
    public IReadOnlyList<OfferedCluster> Offered => _cursor.Offered;

    /// <summary>The other end, as gRPC names it.</summary>
    public string Peer { get; }

    /// <summary>The beginning of the session.</summary>
    public DateTimeOffset Since { get; }

    /// <summary>Completes when the session is over, with the first reason given.</summary>
    public Task<SessionEnd> Ended => _end.Task;

    /// <summary>What the subscriber could not apply last; null if nothing.</summary>
    public string? LastNack { get; private set; }

    /// <summary>Called when there may be something to do; set by the shard that serves the session.</summary>
    public Action Wake { get; set; } = static () => { };

    /// <summary>Where the session stands, read without a lock: each number is right, together they may be of different moments.</summary>
    public SubscriberPosition Position => new(
        _cursor.IsFollowing, _cursor.Seq, _window.AckedSeq, _window.UnackedBytes, _cursor.Resyncs, Interlocked.Read(ref _nacks));

    /// <summary>How long the oldest change that is not acknowledged has been known; zero if there is none.</summary>
    public TimeSpan OldestUnacked => AgeAfter(AckedUpTo, _cache.Head) ?? TimeSpan.Zero;

    /// <summary>Sends what there is, up to <paramref name="frames"/> frames or until one does not leave at once.</summary>
    /// <returns>True if there is more to send and nothing in flight.</returns>
    public bool Advance(SharedFrames shared, FreshnessReport freshness, int frames)
    {
        for (; frames > 0; frames--)
        {
            if (_writing || _end.Task.IsCompleted)
            {
                return false;
            }

            if (IsLeaving)
            {
                SendGoAway();
                return false;
            }

            if (!_window.HasCredit)
            {
                return false;
            }

            var heartbeatDue = _heartbeats.IsDue(freshness);
            if (_cursor.Next(shared, freshness, heartbeatDue) is not { } next)
            {
                return false;
            }

            Note(next, freshness);
            Send(next);
        }

        return !_writing && _cursor.HasMore;
    }

    /// <summary>Ends the session if it has owed progress for too long.</summary>
    public void CheckProgress(TimeSpan limit)
    {
        var owes = _writing || !_window.HasCredit;
        if (owes && _time.GetElapsedTime(Interlocked.Read(ref _lastProgress)) >= limit)
        {
            End(SessionEnd.NoProgress(limit));
        }
    }

    /// <summary>Takes an ack.</summary>
    public void OnAck(Ack ack)
    {
        Interlocked.Exchange(ref _lastProgress, _time.GetTimestamp());
        if (ack.Session != Id)
        {
            End(SessionEnd.Violation($"the ack is of session {ack.Session}, this one is {Id}"));
            return;
        }

        switch (_window.Acknowledge(ack.AppliedSeq, ack.ReceivedBytes, out var previous))
        {
            case AckVerdict.BeyondSent:
                End(SessionEnd.Violation($"applied_seq {ack.AppliedSeq} was never sent"));
                break;
            case AckVerdict.Backwards:
                End(SessionEnd.Violation($"applied_seq {ack.AppliedSeq} is below {previous}, which was acknowledged before"));
                break;
            case AckVerdict.Progress:
                RecordLag(previous, ack);
                Wake();
                break;
        }
    }

    /// <summary>Takes a nack: it is counted, the stream goes on.</summary>
    /// <returns>True for the first one of the session.</returns>
    public bool OnNack(Nack nack)
    {
        Interlocked.Exchange(ref _lastProgress, _time.GetTimestamp());
        LastNack = NackText.Of(nack);
        _metrics.Nacked();
        return Interlocked.Increment(ref _nacks) == 1;
    }

    /// <summary>The subscriber holds something else than the digests say: it gets that cluster anew.</summary>
    public void OnResync(Resync resync)
    {
        Interlocked.Exchange(ref _lastProgress, _time.GetTimestamp());
        if (resync.Session != Id || !Subscription.Features.Resume)
        {
            End(SessionEnd.Violation($"a Resync of session {resync.Session}; this one is {Id}, with the features {Subscription.Features.Bits}"));
        }
        else if (!ClusterName.TryParse(resync.Cluster, out var cluster, out var error))
        {
            End(SessionEnd.Violation($"the cluster of a Resync: {error}"));
        }
        else if (!_cursor.Ask(cluster))
        {
            End(SessionEnd.Violation("a Resync of more clusters than there can be"));
        }
        else
        {
            _metrics.Diverged();
            Wake();
        }
    }

    /// <summary>
    /// Sends a GoAway as the next and last frame. The subscriber leaves then: if the daemon closed first, the end of the
    /// connection could overtake the frame at the subscriber.
    /// </summary>
    public void GoAway(TimeSpan reconnectAfter)
    {
        _goAwayAfterMs = (int)reconnectAfter.TotalMilliseconds;
        Wake();
    }

    /// <summary>The subscriber closed its side, or is not there any more.</summary>
    public void PeerLeft() => End(IsLeaving ? SessionEnd.Drained : SessionEnd.ByPeer);

    /// <summary>Ends the session; of several reasons the first counts.</summary>
    public void End(SessionEnd reason) => _end.TrySetResult(reason);

    /// <summary>After <see cref="Ended"/>: no further write starts; the one in flight is returned.</summary>
    public Task StopWriting()
    {
        _cursor.Leave();
        lock (_gate)
        {
            return _write;
        }
    }

    private void Note(CursorFrame next, FreshnessReport freshness)
    {
        if (next.IsHeartbeat)
        {
            // The first one follows the first snapshots: from here on, what is acknowledged came by the stream.
            if (_cursor.IsFollowing)
            {
                Interlocked.CompareExchange(ref _lagFloor, _cursor.Seq, -1);
            }

            _heartbeats.Sent(freshness);
        }

        if (_cursor.Resyncs != _resyncs)
        {
            _resyncs = _cursor.Resyncs;
            _metrics.Resynced();
        }
    }

    private bool IsLeaving => _goAwayAfterMs >= 0;

    private void SendGoAway()
    {
        if (!_goAwaySent)
        {
            _goAwaySent = true;
            var frame = new GoAway { Reason = "the daemon is shutting down", ReconnectAfterMs = (uint)_goAwayAfterMs };
            Send(new CursorFrame(FrameEncoding.Of(new ServerFrame { GoAway = frame }), 0));
        }
    }

    private void Send(CursorFrame next)
    {
        _window.Sent(next.Frame.Length, next.Seq);
        _metrics.Sent(next.Frame.Length);
        lock (_gate)
        {
            if (_end.Task.IsCompleted)
            {
                return;
            }

            _writing = true;
            _write = _responses.WriteAsync(next.Frame);
        }

        if (_write.IsCompleted)
        {
            CompleteWrite();
        }
        else
        {
            _write.GetAwaiter().UnsafeOnCompleted(_onWritten);
        }
    }

    private void CompleteWrite()
    {
        Interlocked.Exchange(ref _lastProgress, _time.GetTimestamp());
        if (!_write.IsCompletedSuccessfully)
        {
            // Read, so that it does not count as unobserved. The cause is the peer's going away, whatever the type.
            _ = _write.Exception;
            PeerLeft();
        }

        _writing = false;
    }

    private void OnWritten()
    {
        // In this order: what is published after HasMore was read finds the session free, and the shard serves it.
        CompleteWrite();
        if (_cursor.HasMore || IsLeaving)
        {
            Wake();
        }
    }

    // Of a subscriber with filters much passes by that it is never told of, and so never acknowledges.
    private long AckedUpTo => _cursor.IsFollowing && _window.AckedSeq == _window.SentSeq ? Math.Max(_window.AckedSeq, _cursor.Seq) : _window.AckedSeq;

    private void RecordLag(long previous, Ack ack)
    {
        // The oldest of what this ack covers, less the time for which the ack was held back after that was applied.
        if (AgeAfter(previous, ack.AppliedSeq) is { } lag)
        {
            var held = TimeSpan.FromMicroseconds(ack.HeldMicros);
            _metrics.Applied(lag > held ? lag - held : TimeSpan.Zero);
        }
    }

    /// <summary>The age of the oldest change after a seq and up to another one, as far as the ring still knows.</summary>
    private TimeSpan? AgeAfter(long seq, long last)
    {
        // Of what was loaded as a snapshot at the start the age says nothing about the stream.
        var floor = Interlocked.Read(ref _lagFloor);
        if (floor < 0 || last <= Math.Max(seq, floor))
        {
            return null;
        }

        var oldest = Math.Min(Math.Max(Math.Max(seq, floor), _cache.Horizon) + 1, last);
        return _cache.TryGetReadTimestamp(oldest, out var readAt) || _cache.TryGetReadTimestamp(last, out readAt)
            ? _time.GetElapsedTime(readAt)
            : null;
    }
}
