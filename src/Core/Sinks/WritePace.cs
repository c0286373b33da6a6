namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// How many requests may be under way at the store, told by how fast it answers: one more per round of answers within the
/// target, fewer when it takes longer. So the agents that read from the same store are not starved by a burst.
/// </summary>
/// <param name="limit">The most requests under way.</param>
/// <param name="target">The time in which the store should answer.</param>
public sealed class WritePace(int limit, TimeSpan target)
{
    private const double Slower = 0.7;

    private double _window = Math.Min(4, limit);
    private int _untilNextCut;

    /// <summary>Requests that may be under way, at least 1.</summary>
    public int Window => (int)_window;

    /// <summary>The store has answered.</summary>
    public void Answered(TimeSpan latency)
    {
        _untilNextCut--;
        if (latency <= target)
        {
            _window = Math.Min(limit, _window + (1 / _window));
        }
        else if (_untilNextCut <= 0)
        {
            // Once per round: the requests already under way were sent at the old pace and say nothing about the new one.
            Cut(Slower);
        }
    }

    /// <summary>A request failed.</summary>
    public void Failed() => Cut(0.5);

    private void Cut(double factor)
    {
        _window = Math.Max(1, _window * factor);
        _untilNextCut = Window;
    }
}
