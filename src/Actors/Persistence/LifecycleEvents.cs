using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>Something in a cluster's life that a later run of the daemon has to know. Immutable; the journal keeps it for ever.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="At">When.</param>
internal abstract record LifecycleEvent(ClusterName Cluster, DateTimeOffset At);

/// <summary>Its source has been met for the first time, or with another history.</summary>
internal sealed record EpochMinted(ClusterName Cluster, DateTimeOffset At, ulong Epoch, long Revision, string Reason) : LifecycleEvent(Cluster, At);

/// <summary>It announced itself with this config.</summary>
internal sealed record ConfigSeen(ClusterName Cluster, DateTimeOffset At, byte[] Value, long Revision) : LifecycleEvent(Cluster, At);

/// <summary>The operator removed it; it is being withdrawn from where it stood.</summary>
internal sealed record ClusterDraining(ClusterName Cluster, DateTimeOffset At, ulong Epoch, long Revision) : LifecycleEvent(Cluster, At);

/// <summary>It is withdrawn: nothing of it is served any more.</summary>
internal sealed record ClusterRemoved(ClusterName Cluster, DateTimeOffset At) : LifecycleEvent(Cluster, At);
