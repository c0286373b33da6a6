using Akka.Actor;
using KvStoreMesh.Actors.Caching;
using KvStoreMesh.Actors.Mesh;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <content>
/// Between two connections: first the old one's end is awaited (the source must never see two), then the delay. A delta
/// that is under way is awaited too, so that a cluster never has two requests at the cache.
/// </content>
internal sealed partial class RemoteClusterActor
{
    private bool _closed;
    private TimeSpan _delay;

    private void Close(TimeSpan delay)
    {
        _sync.Restart();
        (_phase, _delay, _nextAttempt) = (RemoteClusterPhase.BackingOff, delay, Now + delay);
        Become(Closing);
        EndSession();
        Publish();
    }

    private void Closing()
    {
        BetweenSessions();
        OnSessionClosed(ConnectWhenSettled);
        Receive<DeltaApplied>(answer => _sync.Acknowledge(answer.Delta), _ => ConnectWhenSettled());
        Receive<ConfigureCluster>(command =>
        {
            Adopt(command.Definition);
            (_delay, _nextAttempt) = (TimeSpan.Zero, Now);
            Publish();
        });
    }

    private void BackingOff()
    {
        BetweenSessions();
        Receive<Retry>(_ => Connect());
        Receive<ConfigureCluster>(command =>
        {
            Adopt(command.Definition);
            Timers.Cancel(RetryTimer);
            Connect();
        });
    }

    private void BetweenSessions()
    {
        DropLateResults();
        Receive<CacheFailed>(answer => throw new RemoteClusterException(_definition.Cluster, answer.Error));
        Receive<DrainRemoteCluster>(_ => Drain());
        Receive<PublishStatus>(_ => Publish());
    }

    private void ConnectWhenSettled()
    {
        if (!_closed || _sync.Next == SyncStep.Deliver)
        {
            return;
        }

        if (_delay == TimeSpan.Zero)
        {
            Connect();
            return;
        }

        Become(BackingOff);
        Timers.StartSingleTimer(RetryTimer, new Retry(_attempt), _delay);
    }

    private void EndSession()
    {
        var attempt = ++_attempt;
        (_closed, _connection) = (false, null);
        _freshness.Reset();
        Timers.CancelAll();
        Timers.StartSingleTimer(StepTimer, new SessionClosed(attempt, new TimeoutException()), Options.CloseTimeout);
        (_handover.Session?.CloseAsync() ?? Task.CompletedTask).PipeTo(
            Self, success: () => new SessionClosed(attempt, null), failure: error => new SessionClosed(attempt, error));
    }

    private void OnSessionClosed(Action next) => Receive<SessionClosed>(closed =>
    {
        if (closed.Error is { } error)
        {
            _ports.Logger.CloseFailed(error, _definition.Cluster);
        }

        Timers.Cancel(StepTimer);
        _closed = true;
        next();
    });
}
