using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Caching;

/// <summary>Apply a group; answered by <see cref="DeltaApplied"/> or <see cref="CacheFailed"/>.</summary>
/// <param name="Delta">The group.</param>
/// <param name="Checkpoint">What is to be stored with it; null if nothing is stored.</param>
/// <param name="Origin">Where it comes from.</param>
internal sealed record ApplyDelta(ClusterDelta Delta, SourceCheckpoint? Checkpoint = null, DeltaOrigin Origin = DeltaOrigin.Source);

/// <summary>The group is in the cache.</summary>
/// <param name="Delta">The very object that was sent.</param>
internal sealed record DeltaApplied(ClusterDelta Delta);

/// <summary>Forget a cluster; answered by <see cref="ClusterForgotten"/> or <see cref="CacheFailed"/>.</summary>
/// <param name="Cluster">The cluster.</param>
internal sealed record ForgetCluster(ClusterName Cluster);

/// <summary>The cache does not hold the cluster any more.</summary>
/// <param name="Cluster">The cluster.</param>
internal sealed record ClusterForgotten(ClusterName Cluster);

/// <summary>The cache threw, which is a bug. Whoever asked must not go on as if it had not asked.</summary>
/// <param name="Cluster">Whose request it was.</param>
/// <param name="Error">What it threw.</param>
internal sealed record CacheFailed(ClusterName Cluster, Exception Error);
