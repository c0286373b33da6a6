using System.Collections.Immutable;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Replicator.Signals;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// One loop that serves a share of the subscribers: it sleeps until something was published, came back as credit or is
/// due, then visits each of its subscribers once and never waits for any.
/// </summary>
/// <remarks>
/// A loop per subscriber would be simpler and cost a wake-up, a lock and a context each per change; a sweep costs
/// one wake-up for all, and subscribers at the same place share one frame.
/// </remarks>
internal sealed class SweepShard : IAsyncDisposable
{
    private readonly SessionSweep _sweep;
    private readonly TimeProvider _time;
    private readonly WakeSignal _wake = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _tick;
    private readonly Task _loop;

    /// <summary>Starts the loop.</summary>
    public SweepShard(
        MeshCache cache, ClusterRoster roster, FreshnessFeed freshness, FanoutOptions options, TimeProvider time, ILogger logger)
    {
        _time = time;
        _sweep = new SessionSweep(new SharedFrames(cache, roster), freshness, options.NoProgressTimeout, logger);
        _tick = time.CreateTimer(_ => _wake.Set(), null, options.Tick, options.Tick);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The sessions served.</summary>
    public ImmutableArray<SubscriberSession> Sessions => _sweep.Sessions;

    /// <summary>Wakes the loop; never blocks.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Serves a session from the next sweep on.</summary>
    public void Add(SubscriberSession session)
    {
        session.Wake = Wake;
        _sweep.Add(session);
        Wake();
    }

    /// <summary>Serves a session no longer.</summary>
    public void Remove(SubscriberSession session) => _sweep.Remove(session);

    /// <summary>Stops the loop.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await _tick.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _wake.WaitAsync(_stop.Token);
                bool more;
                do
                {
                    var started = _time.GetTimestamp();
                    more = _sweep.Run();
                    var rest = SweepPacing.RestAfter(_time.GetElapsedTime(started));
                    if (rest > TimeSpan.Zero)
                    {
                        await Task.Delay(rest, _time, _stop.Token);
                    }
                }
                while (more);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }
}
