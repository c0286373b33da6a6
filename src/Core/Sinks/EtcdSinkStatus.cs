namespace KvStoreMesh.Core.Sinks;

/// <summary>The state of the mirror in the local etcd as of now. Immutable.</summary>
public sealed record EtcdSinkStatus
{
    /// <summary>Before the sink has started.</summary>
    public static EtcdSinkStatus None { get; } = new() { Clusters = [] };

    /// <summary>There is a connection that works.</summary>
    public bool Connected { get; init; }

    /// <summary>This daemon writes; false while another one that shares the store does.</summary>
    public bool IsLeader { get; init; }

    /// <summary>The lock's key of who writes, as last seen; null if not known, or if nobody is elected.</summary>
    public string? Leader { get; init; }

    /// <summary>How often this daemon lost the lead.</summary>
    public long LeadsLost { get; init; }

    /// <summary>The endpoint that answers; null while there is none.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Every cluster known has been complete once.</summary>
    public bool IsBootstrapped { get; init; }

    /// <summary>Writes that wait.</summary>
    public int PendingKeys { get; init; }

    /// <summary>Transactions at the store.</summary>
    public int InFlight { get; init; }

    /// <summary>Transactions that may be at the store at once, as its latency allows.</summary>
    public int Window { get; init; }

    /// <summary>Keys put since the start.</summary>
    public long Written { get; init; }

    /// <summary>Keys deleted since the start, without those of removed clusters.</summary>
    public long Deleted { get; init; }

    /// <summary>Transactions that succeeded since the start.</summary>
    public long Transactions { get; init; }

    /// <summary>Calls that failed since the start.</summary>
    public long Failures { get; init; }

    /// <summary>Leases held.</summary>
    public int Leases { get; init; }

    /// <summary>Leases lost since the start; their keys were written again.</summary>
    public long LeasesLost { get; init; }

    /// <summary>How often the store was found wiped, restored or replaced.</summary>
    public long HistoriesLost { get; init; }

    /// <summary>How often the cache's time to live ran out for a cluster.</summary>
    public long Revocations { get; init; }

    /// <summary>Attempts in a row that failed; 0 while it works.</summary>
    public int FailuresInARow { get; init; }

    /// <summary>The last failure, in words; null if none. Kept when it works again.</summary>
    public string? LastError { get; init; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>The clusters, by name.</summary>
    public required IReadOnlyList<SinkClusterStatus> Clusters { get; init; }
}
