using KvStoreMesh.NodeAgent.Timing;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>
/// When to acknowledge: not each frame, but the first change after a while at once, and further ones after many records, a
/// short while, half the credit, or a heartbeat.
/// </summary>
/// <remarks>Says what is in the datapath, never what has merely arrived; bytes, which are credit, count from arrival.</remarks>
internal sealed class AckPolicy(SubscriptionOptions options, TimeProvider time)
{
    private readonly Alarm _delay = new(time);
    private ulong _session;
    private ulong _received;
    private ulong _acknowledged;
    private uint _budget;
    private int _records;
    private bool _now;
    private long _seq;
    private long _acknowledgedSeq;
    private long? _unsaidSince;
    private long? _lastAck;
    private TimeSpan _applyTime;

    /// <summary>Until an ack is due; null if there is nothing to say.</summary>
    public TimeSpan? Remaining => _session == 0 ? null : _now ? TimeSpan.Zero : _delay.Remaining;

    /// <summary>The session began.</summary>
    public void Opened(ulong session, uint budgetBytes) => (_session, _budget) = (session, budgetBytes);

    /// <summary>A frame arrived.</summary>
    public void Received(int bytes)
    {
        _received += (uint)bytes;
        _now |= _budget > 0 && _received - _acknowledged >= _budget / 2;
        SetDelay();
    }

    /// <summary>An event has been taken in.</summary>
    public void Applied(SessionEvent sessionEvent, long appliedSeq, TimeSpan applyTime)
    {
        _records += sessionEvent is RecordsReceived records ? records.Records.Count : 0;
        var isFirst = _lastAck is not { } last || time.GetElapsedTime(last) >= options.AckDelay;
        _now |= _records >= options.AckRecords || sessionEvent is HeartbeatReceived || (isFirst && appliedSeq > _acknowledgedSeq);
        _seq = Math.Max(_seq, appliedSeq);
        if (_seq > _acknowledgedSeq)
        {
            _unsaidSince ??= time.GetTimestamp();
        }

        _applyTime = applyTime;
        SetDelay();
    }

    /// <summary>The ack to send now.</summary>
    public Ack Take()
    {
        _delay.Clear();
        var held = _unsaidSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;
        (_acknowledged, _acknowledgedSeq, _unsaidSince, _lastAck) = (_received, _seq, null, time.GetTimestamp());
        (_now, _records) = (false, 0);
        return new Ack
        {
            Session = _session,
            AppliedSeq = _seq,
            ReceivedBytes = _received,
            ApplyMicros = (uint)Math.Min(_applyTime.TotalMicroseconds, uint.MaxValue),
            HeldMicros = (uint)Math.Min(held.TotalMicroseconds, uint.MaxValue),
        };
    }

    private void SetDelay()
    {
        if (!_delay.IsSet)
        {
            _delay.Set(options.AckDelay);
        }
    }
}
