using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Core.Sinks;

/// <summary>The mirror of one cluster as of now.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Phase">What is being done.</param>
/// <param name="Keys">Mirrored entries, those to be deleted included.</param>
/// <param name="PendingKeys">Writes that wait.</param>
/// <param name="CanariesWritten">Resources whose canary stands, of 6.</param>
/// <param name="IsComplete">Config and all canaries have been written.</param>
/// <param name="IsRevoked">Services are withdrawn because the source has been lost for too long.</param>
/// <param name="Problem">What stands in the way, in words; null if nothing does.</param>
public sealed record SinkClusterStatus(
    ClusterName Cluster, SinkClusterPhase Phase, int Keys, int PendingKeys, int CanariesWritten, bool IsComplete, bool IsRevoked, string? Problem);
