namespace KvStoreMesh.Core.Sinks;

/// <summary>The wait before the next attempt to reach the store: doubled with each failure up to a cap, with jitter.</summary>
/// <param name="first">The longest first wait.</param>
/// <param name="cap">The longest wait of all.</param>
/// <param name="random">The jitter: each wait is between half and all of what it could be.</param>
public sealed class StoreBackoff(TimeSpan first, TimeSpan cap, Random random)
{
    private int _failures;

    /// <summary>Attempts failed since the last success.</summary>
    public int Failures => _failures;

    /// <summary>The store works.</summary>
    public void Succeeded() => _failures = 0;

    /// <summary>The next wait.</summary>
    public TimeSpan Failed()
    {
        var wait = Math.Min(cap.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(_failures, 30)));
        _failures++;
        return TimeSpan.FromMilliseconds(wait * (0.5 + (random.NextDouble() / 2)));
    }
}
