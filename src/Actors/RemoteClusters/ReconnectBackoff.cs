using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>
/// How long to wait before the next attempt: exponential with full jitter, so that sources that were lost together do
/// not come back together.
/// </summary>
/// <param name="min">The ceiling of the first delay.</param>
/// <param name="max">The ceiling that stops growing.</param>
/// <param name="resetAfter">Success for this long starts again at <paramref name="min"/>; shorter, it is flapping.</param>
/// <param name="random">The jitter.</param>
internal sealed class ReconnectBackoff(TimeSpan min, TimeSpan max, TimeSpan resetAfter, Random random)
{
    private int _failures;
    private DateTimeOffset? _liveSince;

    /// <summary>The last failure was the first of a series.</summary>
    public bool IsFirstOfSeries => _failures == 1;

    /// <summary>It works, from now on.</summary>
    public void Succeeded(DateTimeOffset now) => _liveSince ??= now;

    /// <summary>It does not: the delay before the next attempt.</summary>
    public TimeSpan Failed(DateTimeOffset now)
    {
        if (_liveSince is { } since && now - since >= resetAfter)
        {
            _failures = 0;
        }

        _liveSince = null;
        // 2^30 × any min of a millisecond or more is beyond any sensible max, and still far from overflow.
        var ceiling = Math.Min(max.Ticks, min.Ticks * Math.Pow(2, Math.Min(_failures++, 30)));
        return TimeSpan.FromTicks((long)(ceiling * random.NextDouble()));
    }

    /// <summary>The delay of the first attempt: the same for a name on every start, evenly spread over names.</summary>
    public static TimeSpan FirstDelay(ClusterName cluster, TimeSpan spread)
    {
        // FNV-1a, as string.GetHashCode differs from process to process; then mixed (MurmurHash3), since names that differ in
        // the last digit differ too little in FNV's upper bits.
        var hash = 2166136261u;
        foreach (var c in cluster.Value)
        {
            hash = (hash ^ c) * 16777619u;
        }

        hash = (hash ^ (hash >> 16)) * 0x85ebca6bu;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35u;
        hash ^= hash >> 16;
        return spread * (hash / (uint.MaxValue + 1.0));
    }
}
