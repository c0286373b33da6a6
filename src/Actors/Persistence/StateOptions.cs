namespace KvStoreMesh.Actors.Persistence;

/// <summary>Waits and limits of the stored state.</summary>
public sealed class StateOptions
{
    /// <summary>How long the start of the clusters waits for what is stored; after it they start without.</summary>
    public TimeSpan RestoreTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Changes are collected for so long before they are written: what a crash makes the stored state older by.</summary>
    public TimeSpan WriteInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The first delay after a failure; doubled up to <see cref="MaxRetryDelay"/>.</summary>
    public TimeSpan MinRetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest delay after a failure.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>One write that takes longer has failed.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a clean stop waits for the last write.</summary>
    public TimeSpan FlushTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>A proof of freshness without a change is written when the stored one is so much older.</summary>
    public TimeSpan ProofInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Keys in one transaction; a cluster is never split, so one with more has a transaction of its own.</summary>
    public int KeysPerWrite { get; init; } = 20_000;

    /// <summary>
    /// Deletions of one cluster that may wait for the store. Beyond it the changes are given up, and the cluster is written whole when the
    /// store is well again: what waits is then bounded by what the cluster holds.
    /// </summary>
    public int PendingDeletes { get; init; } = 50_000;
}
