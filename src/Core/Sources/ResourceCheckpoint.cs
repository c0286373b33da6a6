using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <summary>How far one resource of a <see cref="SourceReplica"/> is known. Immutable.</summary>
/// <param name="Kind">The resource.</param>
/// <param name="Epoch">
/// The history to which the revisions of its entries belong; another one than the position's while the resource is not
/// listed yet in that one.
/// </param>
/// <param name="CompleteTo">Everything of the resource up to this revision of the epoch is known.</param>
/// <param name="IsSynced">Listed after its canary, in the position's epoch.</param>
/// <param name="LastChange">What the source has to show first if it is still the same history; null if nothing is known to show.</param>
public sealed record ResourceCheckpoint(ResourceKind Kind, SourceEpoch Epoch, long CompleteTo, bool IsSynced, SourceAnchor? LastChange);
