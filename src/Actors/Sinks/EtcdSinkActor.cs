using Akka.Actor;
using KvStoreMesh.Core.Sinks;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.Sinks;

/// <summary>The single owner of <see cref="SinkMirror"/>: brings it changes and answers, runs the calls it asks for, wakes it up.</summary>
/// <remarks>
/// Its mailbox is bounded by the calls under way, one signal of the feed and one of each timer. After a crash, which is a
/// bug, the next incarnation keeps what should be in the store and compares it with what is.
/// </remarks>
internal sealed class EtcdSinkActor : ReceiveActor
{
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ResignTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MinWait = TimeSpan.FromMilliseconds(1);

    private readonly EtcdSink _sink;
    private readonly ILogger _logger;
    private readonly Action _look;
    private readonly ITimer _wake;
    private readonly ITimer _report;

    public EtcdSinkActor(EtcdSink sink, ILogger<EtcdSinkActor> logger)
    {
        (_sink, _logger) = (sink, logger);
        var self = Self;
        _look = () => self.Tell(Look.Instance);
        _wake = sink.Time.CreateTimer(_ => _look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _report = sink.Time.CreateTimer(_ => self.Tell(Report.Instance), null, StatusInterval, StatusInterval);
        Receive<Look>(_ => Go());
        Receive<Ended>(OnEnded);
        Receive<Report>(_ => Publish());
    }

    private SinkMirror Mirror => _sink.Mirror;

    public static Props Props(EtcdSink sink, ILogger<EtcdSinkActor> logger) => Akka.Actor.Props.Create(() => new EtcdSinkActor(sink, logger));

    protected override void PreStart()
    {
        _sink.Feed.Filled += _look;
        Go();
    }

    protected override void PostRestart(Exception reason)
    {
        _logger.Crashed(reason);
        Mirror.Recover();
        base.PostRestart(reason);
    }

    protected override void PostStop()
    {
        _sink.Feed.Filled -= _look;
        _wake.Dispose();
        _report.Dispose();
        // Stop keeps: closing the connection ends the calls under way, the keys stay until their leases end.
        if (Mirror.Release(out var lockLease) is { } store)
        {
            _ = CloseAsync(store, lockLease);
        }
    }

    // The lock is given back, so that a standby need not wait for the end of its lease. As long as Cilium tries it.
    private async Task CloseAsync(ILocalStore store, long lockLease)
    {
        try
        {
            if (lockLease != 0)
            {
                using var limit = new CancellationTokenSource(ResignTimeout, _sink.Time);
                await store.RevokeAsync(lockLease, limit.Token);
            }
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            _logger.NotResigned(e.Message);
        }
        finally
        {
            await store.DisposeAsync();
        }
    }

    private void OnEnded(Ended ended)
    {
        Mirror.Complete(ended.Command, ended.Error);
        Go();
    }

    private void Go()
    {
        foreach (var changes in _sink.Feed.Take())
        {
            Mirror.Absorb(changes);
        }

        while (Mirror.TryNext(out var command))
        {
            Run(command);
        }

        var wait = Mirror.NextDue();
        _wake.Change(wait is null ? Timeout.InfiniteTimeSpan : wait > MinWait ? wait.Value : MinWait, Timeout.InfiniteTimeSpan);
    }

    // On the pool: a transaction is turned into bytes before its first wait, and that is not the actor's work.
    private void Run(SinkCommand command) => Task.Run(() => command.RunAsync(CancellationToken.None))
        .PipeTo(Self, success: () => new Ended(command, null), failure: error => new Ended(command, error));

    private void Publish()
    {
        var status = Mirror.Describe();
        _logger.StatusChanged(_sink.Status, status);
        _sink.Status = status;
    }

    private sealed record Ended(SinkCommand Command, Exception? Error);

    private sealed class Look
    {
        public static readonly Look Instance = new();
    }

    private sealed class Report
    {
        public static readonly Report Instance = new();
    }
}
