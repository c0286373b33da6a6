namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// How long a shard rests after a sweep. A sweep costs per subscriber, not per change: resting as long as it took keeps
/// half of the time for everything else, and what arrives meanwhile goes out as one batch. An idle shard does not rest.
/// </summary>
internal static class SweepPacing
{
    /// <summary>Sweeps shorter than this are not worth a timer.</summary>
    public static readonly TimeSpan Negligible = TimeSpan.FromMilliseconds(1);

    /// <summary>The longest rest: what it may add to the lag.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(50);

    /// <summary>The rest after a sweep that took <paramref name="sweep"/>.</summary>
    public static TimeSpan RestAfter(TimeSpan sweep) =>
        sweep < Negligible ? TimeSpan.Zero : sweep > Longest ? Longest : sweep;
}
