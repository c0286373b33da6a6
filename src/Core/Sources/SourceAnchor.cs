namespace KvStoreMesh.Core.Sources;

/// <summary>
/// The last known change of a range: a watch that starts at its revision must deliver these events first, or it does not
/// watch the same history, or has lost something.
/// </summary>
/// <param name="Revision">The revision of the change.</param>
/// <param name="Events">
/// <see cref="SourceFingerprint"/>s of the events of mirrored keys at the revision. Of a list only the puts are known, and of
/// these those that are still there; so the source may show more, but never less.
/// </param>
public sealed record SourceAnchor(long Revision, IReadOnlyList<ulong> Events);
