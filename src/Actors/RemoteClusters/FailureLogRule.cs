using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>
/// How loudly a failure is logged: a warning when it is new or differs from the last one, and now and then as a
/// reminder; for debugging only in between. A source that is down for a week must not fill the log.
/// </summary>
/// <param name="interval">The time between two reminders.</param>
internal sealed class FailureLogRule(TimeSpan interval)
{
    private string? _last;
    private DateTimeOffset _loggedAt;

    /// <summary>The level for this failure, now.</summary>
    public LogLevel LevelOf(string failure, DateTimeOffset now)
    {
        if (failure == _last && now - _loggedAt < interval)
        {
            return LogLevel.Debug;
        }

        (_last, _loggedAt) = (failure, now);
        return LogLevel.Warning;
    }

    /// <summary>It worked for a while: the next failure is news.</summary>
    public void Reset() => _last = null;
}
