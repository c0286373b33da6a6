using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>A daemon accepted the subscription. What is held of clusters it does not name stays held.</summary>
/// <param name="Session">The session's number, echoed in acknowledgements.</param>
/// <param name="ServerInstance">New for each start of the daemon.</param>
/// <param name="LocalCluster">The daemon's own cluster; null if it was not told.</param>
/// <param name="Clusters">The clusters it knows.</param>
/// <param name="ReceiveBudgetBytes">Bytes it sends ahead of the acknowledgements.</param>
public sealed record SessionOpened(
    ulong Session, string ServerInstance, ClusterName? LocalCluster, IReadOnlyList<ClusterName> Clusters, uint ReceiveBudgetBytes)
    : SessionEvent
{
    /// <summary>The clusters that go on from where they stood; the others come anew.</summary>
    public IReadOnlyList<ClusterResumed> Resumed { get; init; } = [];

    /// <summary>The daemon sends a cluster anew when it is asked to.</summary>
    public bool TakesResync { get; init; }
}
