using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <summary>What follows from one watch batch.</summary>
/// <param name="Delta">To be published; null if nothing that is mirrored changed.</param>
/// <param name="ReadyToList">
/// Resources whose canary just appeared: list them at the batch's revision before reading the watch further.
/// </param>
/// <param name="Config">What happened to the cluster's config.</param>
/// <param name="Heartbeat">The exporter's heartbeat was among the events.</param>
public readonly record struct WatchStep(
    ClusterDelta? Delta, IReadOnlyList<ResourceKind> ReadyToList, ConfigChange Config, bool Heartbeat);
