namespace KvStoreMesh.Core.Cache;

/// <summary>Sizes of the cache, all in bytes.</summary>
public sealed class MeshCacheOptions
{
    /// <summary>How much history the ring keeps; a subscriber that is further behind needs a snapshot.</summary>
    public long RingBytes { get; init; } = 64L << 20;

    /// <summary>The size of a ring segment; a record larger than it gets one of its own.</summary>
    public int SegmentBytes { get; init; } = 1 << 20;

    /// <summary>The size at which a snapshot chunk is closed.</summary>
    public int SnapshotChunkBytes { get; init; } = 256 << 10;
}
