using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sinks;

/// <summary>One key of the mirror: what it should be, what the store holds, and what is being done about it.</summary>
internal sealed class SinkEntry(SinkCluster? cluster, MeshKey key, bool isCanary = false)
{
    /// <summary>Null for the heartbeat, which belongs to no cluster.</summary>
    public SinkCluster? Cluster => cluster;

    /// <summary>The mirrored key; of a canary the resource it is about.</summary>
    public MeshKey Key => key;

    public bool IsCanary => isCanary;

    public bool IsData => !isCanary && key.Kind != ResourceKind.ClusterConfig;

    /// <summary>What the mirror should hold; null = nothing.</summary>
    public byte[]? Desired { get; set; }

    /// <summary>Found in the store, and the source has not said anything about it yet.</summary>
    public bool IsProvisional { get; set; }

    /// <summary>What the store holds, as far as the answers tell; null = nothing.</summary>
    public byte[]? Written { get; set; }

    /// <summary>The store may hold something else than <see cref="Written"/>, or under another lease: a write failed, or a lease ended.</summary>
    public bool IsUncertain { get; set; }

    /// <summary>The lease that holds a slot for the key.</summary>
    public SinkLease? Lease { get; set; }

    /// <summary>The slot in <see cref="Lease"/>.</summary>
    public int Slot { get; set; }

    public bool InFlight { get; set; }

    public SinkQueue Queue { get; set; }

    /// <summary>The store refused a transaction with it: it goes alone, so that it delays no other.</summary>
    public bool IsAlone { get; set; }

    /// <summary>The store refused it even alone: it waits before it is tried again.</summary>
    public bool IsParked { get; set; }

    /// <summary>Rises with each change of what the key should be.</summary>
    public int Version { get; set; }

    /// <summary>The canary waits until this version is written; meaningful while <see cref="IsAwaited"/>.</summary>
    public int AwaitedVersion { get; set; }

    public bool IsAwaited { get; set; }

    public string StoreKey => cluster switch
    {
        null => CiliumKeys.Heartbeat,
        _ when isCanary => SinkKeys.Canary(cluster.Name, key.Kind),
        _ => SinkKeys.Of(cluster.Name, key),
    };

    /// <summary>What the store should hold now: what is desired, unless the cache's time to live has run out.</summary>
    public byte[]? Target => IsData && cluster is { IsRevoked: true } && SinkKeys.IsRevocable(key.Kind) ? null : Desired;

    /// <summary>The store holds what it should, under a lease of ours.</summary>
    public bool IsSettled => !InFlight && !IsUncertain && HoldsTarget && (Target is null || Lease is not null);

    public bool HoldsTarget => SameBytes(Target, Written);

    public static bool SameBytes(byte[]? a, byte[]? b) =>
        ReferenceEquals(a, b) || (a is not null && b is not null && a.AsSpan().SequenceEqual(b));
}
