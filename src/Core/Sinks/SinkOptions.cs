namespace KvStoreMesh.Core.Sinks;

/// <summary>How the mirror in the local etcd is written. The defaults are Cilium's where Cilium has the setting.</summary>
public sealed class SinkOptions
{
    /// <summary>How long keys outlive a daemon that does not come back; 25 s to 24 h. (<c>--kvstore-lease-ttl</c>)</summary>
    public TimeSpan LeaseTtl { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Keys of one lease: when a lease ends, all of them are deleted at once.</summary>
    public int KeysPerLease { get; init; } = 1000;

    /// <summary>Operations of a transaction; etcd's default limit. A server that allows fewer is asked for fewer.</summary>
    public int MaxOperations { get; init; } = 128;

    /// <summary>Bytes of a transaction, keys and values; etcd refuses requests above 1.5 MiB.</summary>
    public int MaxBytes { get; init; } = 1 << 20;

    /// <summary>Requests under way at most. (<c>etcd.maxInflight</c>)</summary>
    public int MaxInFlight { get; init; } = 16;

    /// <summary>The store is given fewer requests at a time while it takes longer than this to answer.</summary>
    public TimeSpan TargetLatency { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Requests per second once bootstrapped; null = as fast as the store's latency allows. (<c>etcd.qps</c>)</summary>
    public double? Qps { get; init; }

    /// <summary>Requests per second until every cluster known at the start is complete; null = as <see cref="Qps"/>. (<c>etcd.bootstrapQps</c>)</summary>
    public double? BootstrapQps { get; init; }

    /// <summary>Keys of a page when the store is listed.</summary>
    public int PageKeys { get; init; } = 5000;

    /// <summary>Clusters listed at a time.</summary>
    public int MaxLists { get; init; } = 4;

    /// <summary>How long the running agents have to disconnect between the removal of a cluster's config and of its data.</summary>
    public TimeSpan DrainGrace { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>A removed cluster's keys are deleted; false leaves them to their leases. (hidden <c>--disable-drain-on-disconnection</c>)</summary>
    public bool Drain { get; init; } = true;

    /// <summary>How long a source may be lost before its services are withdrawn; zero = for ever. (<c>--clustermesh-cache-ttl</c>)</summary>
    public TimeSpan CacheTtl { get; init; }

    /// <summary>Writes <c>cilium/.heartbeat</c>, for an etcd without another writer of it. (<c>--enable-heartbeat</c>)</summary>
    public bool Heartbeat { get; init; }

    /// <summary>How often the heartbeat is written; readers take the etcd for dead after two minutes without.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Only one of several daemons writes: the others stand by. False for whoever has the store for itself.
    /// </summary>
    public bool ElectLeader { get; init; }

    /// <summary>How long the lead outlives a leader that does not come back; Cilium's fixed value.</summary>
    public TimeSpan LockTtl { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How often the cluster configs are compared with what they should be.</summary>
    public TimeSpan EnforceInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// After a lost connection everything is compared once the requests that were under way cannot take effect any more.
    /// etcd itself gives up after 7 s.
    /// </summary>
    public TimeSpan VerifyDelay { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest first wait before reconnecting.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait before reconnecting.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The wait before a key that the store refuses is tried again.</summary>
    public TimeSpan RefusedRetry { get; init; } = TimeSpan.FromSeconds(30);
}
