using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <summary>What follows from one watch batch.</summary>
/// <param name="Delta">To be published; null if nothing that is mirrored changed.</param>
/// <param name="ReadyToList">
/// Resources whose canary just appeared: list them at <paramref name="ListRevision"/> before reading the watch further.
/// </param>
/// <param name="ListRevision">
/// The batch's revision, or a later one if the watch has already passed it for one of these resources (see the remarks
/// of <see cref="SourceBatch"/>): a list at an older revision would miss what was dropped. 0 if there is nothing to list.
/// </param>
/// <param name="Config">What happened to the cluster's config.</param>
/// <param name="Heartbeat">The exporter's heartbeat was among the events.</param>
/// <param name="Doubt">
/// Not null after a resume if the source does not show what it must: the reason, in words. Nothing of the batch counts; close the
/// watch and list.
/// </param>
public readonly record struct WatchStep(
    ClusterDelta? Delta,
    IReadOnlyList<ResourceKind> ReadyToList,
    long ListRevision,
    ConfigChange Config,
    bool Heartbeat,
    string? Doubt = null)
{
    /// <summary>
    /// More than the quota allows, as <see cref="SourceReplica.Excess"/> says. Nothing of the batch counts; close the watch, and list
    /// after a while.
    /// </summary>
    public bool IsRefused { get; init; }
}
