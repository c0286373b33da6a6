using System.Collections.Immutable;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// The sessions of one shard, and the visit to all of them: none waits for another one, and none can stop it. What a change
/// costs here beside the write itself must not allocate: it happens once per subscriber.
/// </summary>
/// <remarks><see cref="Run"/> is called by the shard's loop only, the others by any thread.</remarks>
internal sealed class SessionSweep(SharedFrames frames, FreshnessFeed freshness, TimeSpan noProgressTimeout, ILogger logger)
{
    /// <summary>So many frames in a row for one subscriber; then the next one, so that one who catches up delays nobody.</summary>
    public const int FramesPerVisit = 4;

    private ImmutableArray<SubscriberSession> _sessions = [];
    private int _start;

    /// <summary>The sessions visited.</summary>
    public ImmutableArray<SubscriberSession> Sessions => _sessions;

    /// <summary>Visits a session from the next run on.</summary>
    public void Add(SubscriberSession session) =>
        ImmutableInterlocked.Update(ref _sessions, static (sessions, added) => sessions.Add(added), session);

    /// <summary>Visits a session no longer.</summary>
    public void Remove(SubscriberSession session) =>
        ImmutableInterlocked.Update(ref _sessions, static (sessions, removed) => sessions.Remove(removed), session);

    /// <summary>Visits each session once.</summary>
    /// <returns>True if a session has more to send at once.</returns>
    public bool Run()
    {
        var sessions = _sessions;
        if (sessions.IsEmpty)
        {
            return false;
        }

        frames.BeginSweep();
        var report = freshness.Current();
        var more = false;

        // Another start each time, or the same nodes would always be the last to hear of a change.
        _start = (_start + 1 + (sessions.Length / 3)) % sessions.Length;
        for (var i = 0; i < sessions.Length; i++)
        {
            var session = sessions[(_start + i) % sessions.Length];
            try
            {
                more |= session.Advance(frames, report, FramesPerVisit);
                session.CheckProgress(noProgressTimeout);
            }
#pragma warning disable CA1031 // Whatever goes wrong with one subscriber must not stop the loop that serves the others.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                FanoutLog.SessionFailed(logger, session.Subscription.Node, failure);
                session.End(SessionEnd.Failed);
            }
        }

        return more;
    }
}
