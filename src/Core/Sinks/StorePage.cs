namespace KvStoreMesh.Core.Sinks;

/// <summary>One page of a list of the local etcd.</summary>
/// <param name="Entries">In the order of keys.</param>
/// <param name="Revision">The store's revision when the page was read.</param>
/// <param name="NextKey">Where the next page starts; null after the last one.</param>
public sealed record StorePage(IReadOnlyList<StoreEntry> Entries, long Revision, string? NextKey);
