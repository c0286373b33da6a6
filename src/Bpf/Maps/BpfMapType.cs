namespace KvStoreMesh.Bpf.Maps;

/// <summary>The map types in use; must match <c>enum bpf_map_type</c> in <c>linux/bpf.h</c>.</summary>
public enum BpfMapType
{
    /// <summary>A hash map.</summary>
    Hash = 1,

    /// <summary>A hash map with a value for each processor.</summary>
    PerCpuHash = 5,

    /// <summary>A hash map that drops its least recently used entry when it is full.</summary>
    LruHash = 9,

    /// <summary>A longest-prefix trie; its keys begin with a u32 prefix length. Always <see cref="BpfMapFlags.NoPreallocation"/>.</summary>
    LpmTrie = 11,

    /// <summary>A ring that programs write and one process reads; it has no keys, and its number of entries is bytes.</summary>
    RingBuffer = 27,
}
