using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>A cluster appeared, or its source has another history. What is held stays until what follows replaces it.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="AllFollows">All of its content follows, not only what differs from what this session brought.</param>
/// <param name="Reason">The daemon's words.</param>
/// <param name="Seq">The mark's place in the sequence.</param>
public sealed record ClusterAnnounced(ClusterName Cluster, bool AllFollows, string Reason, long Seq) : SessionEvent
{
    /// <summary>The new history; 0 = not told.</summary>
    public ulong Epoch { get; init; }
}
