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
    // So many frames in a row for one subscriber; then the next one, so that one who catches up delays nobody.
    private const int FramesPerVisit = 4;

    private readonly SharedFrames _frames;
    private readonly FreshnessFeed _freshness;
    private readonly FanoutOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WakeSignal _wake = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _tick;
    private readonly Task _loop;
    private ImmutableArray<SubscriberSession> _sessions = [];
    private int _start;

    /// <summary>Starts the loop.</summary>
    public SweepShard(
        MeshCache cache, ClusterRoster roster, FreshnessFeed freshness, FanoutOptions options, TimeProvider time, ILogger logger)
    {
        (_frames, _freshness, _options, _time, _logger) = (new SharedFrames(cache, roster), freshness, options, time, logger);
        _tick = time.CreateTimer(_ => _wake.Set(), null, options.Tick, options.Tick);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The sessions served.</summary>
    public ImmutableArray<SubscriberSession> Sessions => _sessions;

    /// <summary>Wakes the loop; never blocks.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Serves a session from the next sweep on.</summary>
    public void Add(SubscriberSession session)
    {
        session.Wake = Wake;
        ImmutableInterlocked.Update(ref _sessions, static (sessions, added) => sessions.Add(added), session);
        Wake();
    }

    /// <summary>Serves a session no longer.</summary>
    public void Remove(SubscriberSession session) =>
        ImmutableInterlocked.Update(ref _sessions, static (sessions, removed) => sessions.Remove(removed), session);

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
                    more = Sweep();
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
        catch (Exception e) { Console.Error.WriteLine("LOOP " + e); }
    }

    /// <returns>True if a session has more to send at once.</returns>
    private bool Sweep()
    {
        var sessions = _sessions;
        if (sessions.IsEmpty)
        {
            return false;
        }

        _frames.BeginSweep();
        var freshness = _freshness.Current();
        var more = false;

        // Another start each time, or the same nodes would always be the last to hear of a change.
        _start = (_start + 1 + (sessions.Length / 3)) % sessions.Length;
        for (var i = 0; i < sessions.Length; i++)
        {
            var session = sessions[(_start + i) % sessions.Length];
            try
            {
                more |= session.Advance(_frames, freshness, FramesPerVisit);
                session.CheckProgress(_options.NoProgressTimeout);
            }
#pragma warning disable CA1031 // Whatever goes wrong with one subscriber must not stop the loop that serves the others.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                FanoutLog.SessionFailed(_logger, session.Subscription.Node, failure);
                session.End(SessionEnd.Failed);
            }
        }

        return more;
    }
}
