namespace KvStoreMesh.NodeAgent.Timing;

/// <summary>
/// Growing waits between attempts, each drawn at random up to a doubling ceiling (full jitter), so that a fleet that
/// lost one daemon does not come back as one.
/// </summary>
/// <param name="floor">The least a wait may be.</param>
/// <param name="first">The first ceiling.</param>
/// <param name="cap">The highest ceiling.</param>
/// <param name="random">Draws the waits.</param>
internal sealed class Backoff(TimeSpan floor, TimeSpan first, TimeSpan cap, Random random)
{
    private int _failures;

    /// <summary>Failures in a row.</summary>
    public int Failures => _failures;

    /// <summary>Counts a failure and returns how long to wait.</summary>
    public TimeSpan Next()
    {
        var ceiling = first * Math.Pow(2, Math.Min(_failures++, 30));
        ceiling = ceiling < cap ? ceiling : cap;
        return floor + ((ceiling - floor) * random.NextDouble());
    }

    /// <summary>It worked.</summary>
    public void Reset() => _failures = 0;
}
