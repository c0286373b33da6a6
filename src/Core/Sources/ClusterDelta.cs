using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <summary>
/// One group of changes of a cluster, to be applied as a whole: before and after it, the view equals the source at some
/// revision.
/// </summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Position">Where the view stands after the group.</param>
/// <param name="Changes">In order; a key may occur more than once.</param>
/// <param name="NewlySynced">
/// Resources whose every key is known once this group is applied, those that the source does not offer included. If one
/// is named for the first time in an epoch, all its keys are among the changes: whoever holds others, of an earlier
/// epoch, may drop them.
/// </param>
/// <param name="EpochReason">Not null on the first group of an epoch: why there is a new one.</param>
/// <param name="ReadTimestamp">When the source's answer was read, <see cref="TimeProvider.GetTimestamp"/>.</param>
public sealed record ClusterDelta(
    ClusterName Cluster,
    SourcePosition Position,
    IReadOnlyList<MeshChange> Changes,
    IReadOnlyList<ResourceKind> NewlySynced,
    string? EpochReason,
    long ReadTimestamp)
{
    /// <summary>
    /// The replica began without memory, as at a first start or after a crash of its owner: entries that were kept with an
    /// earlier checkpoint do not belong to the one that holds after this group. A cache keeps them, until their resource is synced.
    /// </summary>
    public bool BeginsFromNothing { get; init; }
}
