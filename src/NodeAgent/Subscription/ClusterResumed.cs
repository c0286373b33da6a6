using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>The daemon knows where the agent stands with a cluster: what is held stays, and only what changed follows.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Seq">In the daemon's numbers, everything up to it is held.</param>
/// <param name="Epoch">The history, if the log goes on within it; 0 if a diff follows, which names its own.</param>
/// <param name="Revision">What is held is the source at this revision of the epoch; 0 = as the agent said.</param>
public readonly record struct ClusterResumed(ClusterName Cluster, long Seq, ulong Epoch, long Revision);
