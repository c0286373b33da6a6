namespace KvStoreMesh.Core.Sources;

/// <summary>One page of a list.</summary>
/// <param name="Entries">In the order of keys.</param>
/// <param name="Revision">The revision at which the list is taken, the same for each of its pages.</param>
/// <param name="NextKey">Where the next page starts; null after the last one.</param>
public sealed record SourcePage(IReadOnlyList<SourceEntry> Entries, long Revision, string? NextKey);
