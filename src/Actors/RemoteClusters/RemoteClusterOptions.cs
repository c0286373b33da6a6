using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>Every wait and limit of a remote cluster's life. The initialisers are the only place where defaults stand.</summary>
public sealed class RemoteClusterOptions
{
    /// <summary>How far the first connections of all clusters are spread, by a hash of the cluster's name.</summary>
    public TimeSpan StartSpread { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The limit of connecting, the first answer of the etcd included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The limit of reading the cluster's config.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The limit of one page of a list.</summary>
    public TimeSpan ListPageTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The limit of opening a watch, and of closing one.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a resumed watch may take to show the last known change, before everything is listed.</summary>
    public TimeSpan OverlapTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often everything that is held is compared with the source, about; 0 = never.</summary>
    public TimeSpan AuditInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What comparing one source may read on average; a larger source is compared less often.</summary>
    public long AuditBytesPerSecond { get; init; } = 256 * 1024;

    /// <summary>Keys that one line of the log names.</summary>
    public int MaxLoggedKeys { get; init; } = 20;

    /// <summary>How long the end of an old connection is awaited before the next one is opened all the same.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The ceiling of the first delay after a failure; it doubles with every further one.</summary>
    public TimeSpan BackoffMin { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The ceiling that stops growing.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A source that was live for this long starts again at <see cref="BackoffMin"/>.</summary>
    public TimeSpan BackoffResetAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The ceiling of the first delay before a missing config is read again, apart from its watch.</summary>
    public TimeSpan ConfigRecheckMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The ceiling of that delay that stops growing.</summary>
    public TimeSpan ConfigRecheckMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A watch that is silent for longer, the heartbeat included, is given up (Cilium: 2 minutes).</summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How often silence is looked for.</summary>
    public TimeSpan FreshnessCheckInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many times in a row a compacted revision leads to a list at a fresh one at once; one more counts as a failure.
    /// </summary>
    public int CompactionRetries { get; init; } = 3;

    /// <summary>What may be held of each cluster. One with more stands still with what is held, until its source has shrunk.</summary>
    public SourceQuota Quota { get; init; }

    /// <summary>The ceiling of the first delay before a source that had more than its quota is listed again.</summary>
    public TimeSpan QuotaRecheckMin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The ceiling of that delay that stops growing.</summary>
    public TimeSpan QuotaRecheckMax { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Changes of the status that are not a change of phase are published at most this often.</summary>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The same failure again is logged as a warning at most this often, else for debugging only.</summary>
    public TimeSpan FailureLogInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The ceiling of the first delay before an actor that crashed is started again.</summary>
    public TimeSpan CrashBackoffMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The ceiling of that delay that stops growing.</summary>
    public TimeSpan CrashBackoffMax { get; init; } = TimeSpan.FromMinutes(1);
}
