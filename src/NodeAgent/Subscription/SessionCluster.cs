using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>What a session knows of one cluster index.</summary>
internal sealed class SessionCluster(ClusterName name)
{
    /// <summary>The cluster.</summary>
    public ClusterName Name { get; } = name;

    /// <summary>Everything up to this seq is part of a snapshot or was told by a mark: what repeats it is skipped.</summary>
    public long HighWater { get; set; }

    /// <summary>Records up to this revision are held, wherever the daemon's log has them; 0 = none. Ends with the epoch.</summary>
    public long SkipRevision { get; set; }

    /// <summary>The seq of the last record or mark of this cluster.</summary>
    public long LastSeq { get; set; }

    /// <summary>The epoch, as far as it was told.</summary>
    public ulong Epoch { get; set; }

    /// <summary>The snapshot being received; null if none is.</summary>
    public PendingSnapshot? Snapshot { get; set; }
}
