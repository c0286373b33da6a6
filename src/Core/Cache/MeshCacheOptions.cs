namespace KvStoreMesh.Core.Cache;

/// <summary>Sizes of the cache, in bytes if nothing else is said.</summary>
public sealed class MeshCacheOptions
{
    /// <summary>How much history the ring keeps; a subscriber that is further behind needs a snapshot.</summary>
    public long RingBytes { get; init; } = 64L << 20;

    /// <summary>The size of a ring segment; a record larger than it gets one of its own.</summary>
    public int SegmentBytes { get; init; } = 1 << 20;

    /// <summary>The wanted size of a snapshot chunk before compression.</summary>
    public int SnapshotChunkBytes { get; init; } = 128 << 10;

    /// <summary>
    /// How many deleted keys of a cluster are remembered at least, so that a reader that was away learns of them without a
    /// snapshot; of a large cluster one for five of its keys. A number, not bytes: about 100 bytes each.
    /// </summary>
    public int Tombstones { get; init; } = 1024;
}
