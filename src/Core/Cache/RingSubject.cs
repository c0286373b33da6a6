using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Cache;

/// <summary>What an entry of the ring is about: enough to tell, without reading it, whether a reader wants it.</summary>
/// <param name="Cluster">The cluster's index; 0 if it never had one.</param>
/// <param name="Kind">The resource; null for a mark.</param>
public readonly record struct RingSubject(uint Cluster, ResourceKind? Kind)
{
    /// <summary>It is about a cluster as a whole.</summary>
    public bool IsMark => Kind is null;
}
