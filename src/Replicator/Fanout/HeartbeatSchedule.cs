namespace KvStoreMesh.Replicator.Fanout;

/// <summary>When a subscriber's next heartbeat is due: the wanted interval ± 10 %, so that a fleet spreads by itself.</summary>
/// <remarks>Owned by one shard's loop.</remarks>
internal sealed class HeartbeatSchedule(TimeSpan interval, Random random, TimeProvider time)
{
    private long _since = time.GetTimestamp();
    private TimeSpan _wait = Jittered(interval, random);
    private int _stateVersion;

    /// <summary>The interval is over, or a cluster's state changed since the last heartbeat.</summary>
    public bool IsDue(FreshnessReport report) =>
        report.StateVersion != _stateVersion || time.GetElapsedTime(_since) >= _wait;

    /// <summary>A heartbeat with this report is on its way.</summary>
    public void Sent(FreshnessReport report)
    {
        _stateVersion = report.StateVersion;
        _since = time.GetTimestamp();
        _wait = Jittered(interval, random);
    }

    private static TimeSpan Jittered(TimeSpan interval, Random random) => interval * (0.9 + (0.2 * random.NextDouble()));
}
