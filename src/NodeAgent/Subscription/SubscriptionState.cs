using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>What status shows of the subscription. Written by its loop, read by any thread.</summary>
internal sealed class SubscriptionState(TimeProvider time, string firstServer)
{
    private readonly Lock _gate = new();
    private SubscriptionStatus _status = new() { State = "connecting", Server = firstServer };
    private long? _lastFrame;

    public SubscriptionStatus Current
    {
        get
        {
            lock (_gate)
            {
                return _status with
                {
                    SilentMs = _lastFrame is { } at ? Math.Round(time.GetElapsedTime(at).TotalMilliseconds) : null,
                };
            }
        }
    }

    public void Connecting(Uri server) => Update(status => status with { State = "connecting", Server = server.Authority });

    public void Opened(SessionOpened opened) => Update(status => status with
    {
        State = "connected",
        Session = opened.Session,
        ServerInstance = opened.ServerInstance,
        Sessions = status.Sessions + 1,
        Failures = 0,
        AppliedSeq = 0,
    });

    public void Applied(long seq, TimeSpan elapsed) =>
        Update(status => status with { AppliedSeq = seq, ApplyMs = Math.Round(elapsed.TotalMilliseconds, 3) });

    public void Diverged() => Update(status => status with { Divergences = status.Divergences + 1 });

    public void Ended(string reason) => Update(status => status with
    {
        State = "backing-off",
        Session = 0,
        ServerInstance = string.Empty,
        Failures = status.Failures + 1,
        LastError = reason,
    });

    public void FrameArrived()
    {
        lock (_gate)
        {
            _lastFrame = time.GetTimestamp();
        }
    }

    private void Update(Func<SubscriptionStatus, SubscriptionStatus> change)
    {
        lock (_gate)
        {
            _status = change(_status);
        }
    }
}
