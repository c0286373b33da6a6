namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// What was sent to one subscriber and what it acknowledged: the credit that stands in for a queue. A subscriber without
/// credit gets nothing and thereby falls behind in the ring, which costs no memory.
/// </summary>
/// <remarks>
/// The shard calls <see cref="Sent"/>, the reader of the stream calls <see cref="Acknowledge"/>; both at any time.
/// The window is checked before a frame, not for it: it may be exceeded by one frame, so that a frame larger than
/// the window still passes.
/// </remarks>
internal sealed class AckWindow(long budgetBytes)
{
    private readonly Lock _gate = new();
    private long _sentBytes;
    private long _sentSeq;
    private long _sentBytesAtSeq;
    private long _ackedBytes;
    private long _ackedSeq;

    /// <summary>The next frame may be sent.</summary>
    public bool HasCredit
    {
        get
        {
            lock (_gate)
            {
                return _sentBytes - _ackedBytes < budgetBytes;
            }
        }
    }

    /// <summary>Bytes sent and not yet acknowledged.</summary>
    public long UnackedBytes
    {
        get
        {
            lock (_gate)
            {
                return _sentBytes - _ackedBytes;
            }
        }
    }

    /// <summary>The highest seq that the subscriber was told of.</summary>
    public long SentSeq
    {
        get
        {
            lock (_gate)
            {
                return _sentSeq;
            }
        }
    }

    /// <summary>The highest seq that the subscriber has applied.</summary>
    public long AckedSeq
    {
        get
        {
            lock (_gate)
            {
                return _ackedSeq;
            }
        }
    }

    /// <summary>Takes note of a frame that is about to be written, and of the highest seq it tells of.</summary>
    public void Sent(int bytes, long seq)
    {
        lock (_gate)
        {
            _sentBytes += bytes;
            if (seq > _sentSeq)
            {
                (_sentSeq, _sentBytesAtSeq) = (seq, _sentBytes);
            }
        }
    }

    /// <summary>Takes an ack; of a refused one nothing is kept.</summary>
    /// <param name="appliedSeq">The highest applied seq.</param>
    /// <param name="receivedBytes">Bytes received since the start of the session.</param>
    /// <param name="previousSeq">The highest applied seq before this ack.</param>
    public AckVerdict Acknowledge(long appliedSeq, ulong receivedBytes, out long previousSeq)
    {
        lock (_gate)
        {
            previousSeq = _ackedSeq;
            if (appliedSeq > _sentSeq)
            {
                return AckVerdict.BeyondSent;
            }

            if (appliedSeq < _ackedSeq)
            {
                return AckVerdict.Backwards;
            }

            // Who has applied the last seq has received all that was sent up to it, however it counts bytes.
            var received = (long)Math.Min(receivedBytes, (ulong)_sentBytes);
            received = Math.Max(received, appliedSeq == _sentSeq ? _sentBytesAtSeq : 0);
            if (appliedSeq == _ackedSeq && received <= _ackedBytes)
            {
                return AckVerdict.Unchanged;
            }

            _ackedSeq = appliedSeq;
            _ackedBytes = Math.Max(_ackedBytes, received);
            return AckVerdict.Progress;
        }
    }
}
