using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>A step that failed, in words for the operator.</summary>
/// <param name="Phase">The step.</param>
/// <param name="Message">One line: what, where, the way out.</param>
/// <param name="IsCompacted">The revision is gone: a list at a fresh one helps at once.</param>
internal readonly record struct SourceFailure(SourcePhase Phase, string Message, bool IsCompacted = false)
{
    /// <summary>
    /// From what a step threw. A <see cref="SourceException"/> speaks for itself; anything else is a fault of the adapter,
    /// named by its type.
    /// </summary>
    public static SourceFailure From(Exception error, SourcePhase phase) => error switch
    {
        SourceException known => new(known.Phase, known.Message, known.IsCompacted),
        AggregateException { InnerExceptions: [var inner] } => From(inner, phase),
        _ => new(phase, $"unexpected {error.GetType().Name}: {error.Message}"),
    };

    /// <summary>The step did not end in time.</summary>
    public static SourceFailure TimedOut(SourcePhase phase, TimeSpan limit, string configPath) =>
        new(phase, $"no answer within {limit.TotalSeconds:0.#} s; check that the endpoints in '{configPath}' can be reached");
}
