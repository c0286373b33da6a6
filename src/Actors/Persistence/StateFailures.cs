using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>The delays after failures of the store, and how loud they are: the same one is an error once in ten minutes. Pure.</summary>
internal sealed class StateFailures(StateOptions options)
{
    private static readonly TimeSpan Repetition = TimeSpan.FromMinutes(10);

    private string? _problem;
    private DateTimeOffset _toldAt;
    private int _failures;

    /// <summary>It failed: when to try again, and how to say it.</summary>
    public (TimeSpan Delay, LogLevel Level) Failed(string problem, DateTimeOffset now)
    {
        var delay = options.MinRetryDelay * Math.Pow(2, Math.Min(_failures++, 30));
        var level = problem != _problem || now - _toldAt >= Repetition ? LogLevel.Error : LogLevel.Debug;
        if (level == LogLevel.Error)
        {
            (_problem, _toldAt) = (problem, now);
        }

        return (delay < options.MaxRetryDelay ? delay : options.MaxRetryDelay, level);
    }

    /// <summary>It works. Returns how often it had failed before.</summary>
    public int Recovered()
    {
        var failures = _failures;
        (_failures, _problem) = (0, null);
        return failures;
    }
}
