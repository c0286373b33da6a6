namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>Everything up to <paramref name="Seq"/> has been delivered before this.</summary>
/// <param name="Seq">The position.</param>
/// <param name="Clusters">How fresh the daemon's own sources are; only some clusters may be named.</param>
public sealed record HeartbeatReceived(long Seq, IReadOnlyList<ClusterFreshnessReport> Clusters) : SessionEvent;
