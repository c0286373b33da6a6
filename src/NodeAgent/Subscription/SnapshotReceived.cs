using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>
/// All a daemon holds of a cluster: what it does not name is gone once its resource is synced. Or, as a diff, the latest state
/// of everything that changed: what it does not name stays.
/// </summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Revision">The source revision it was taken at.</param>
/// <param name="Seq">Every record of this cluster up to it is part of the snapshot.</param>
/// <param name="Records">Puts only; of a diff also deletions.</param>
public sealed record SnapshotReceived(ClusterName Cluster, long Revision, long Seq, IReadOnlyList<MeshRecord> Records) : SessionEvent
{
    /// <summary>The history that the revisions belong to; 0 = not told.</summary>
    public ulong Epoch { get; init; }

    /// <summary>It holds only what changed.</summary>
    public bool IsDiff { get; init; }

    /// <summary>Of the whole cluster afterwards; null if not told.</summary>
    public ContentDigest? Digest { get; init; }
}
