using System.Collections.Immutable;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Cache;

/// <summary>
/// The replicated state of every cluster, and the log from which any number of readers follow it.
/// </summary>
/// <remarks>
/// One writer (<see cref="Apply"/>, <see cref="Remove"/>); readers on any thread, without a lock that a writer could
/// wait for longer than it takes to copy one cluster's references. A group becomes visible as a whole: the head moves
/// once per group.
/// </remarks>
public sealed class MeshCache
{
    /// <summary>Creates an empty cache.</summary>
    public MeshCache(MeshCacheOptions options) => throw new NotImplementedException();

    /// <summary>Raised on the writer's thread after the head moved. Handlers only signal; they must not block or throw.</summary>
    public event Action? Published { add => throw new NotImplementedException(); remove => throw new NotImplementedException(); }

    /// <summary>The seq of the last published record or mark; 0 at the start.</summary>
    public long Head => throw new NotImplementedException();

    /// <summary>Readers whose cursor is below it need a snapshot.</summary>
    public long Horizon => throw new NotImplementedException();

    /// <summary>The clusters, by name.</summary>
    public ImmutableArray<MeshClusterView> Clusters => throw new NotImplementedException();

    /// <summary>Applies a group and publishes it. A cluster seen first, or with a new epoch, gets an EpochChange mark before it.</summary>
    public void Apply(ClusterDelta delta) => throw new NotImplementedException();

    /// <summary>Forgets a cluster and publishes ClusterGone; nothing happens if it is unknown.</summary>
    public void Remove(ClusterName cluster) => throw new NotImplementedException();

    /// <summary>Reads what follows the cursor: records up to about <paramref name="maxBytes"/> (at least one), or one mark.</summary>
    public RingRead Read(long cursor, int maxBytes) => throw new NotImplementedException();

    /// <summary>The cluster as of now, shared with other readers while it is unchanged; null if it is unknown.</summary>
    public ClusterSnapshot? Snapshot(ClusterName cluster) => throw new NotImplementedException();

    /// <summary>When the source's answer that led to <paramref name="seq"/> was read; false once the ring no longer holds it.</summary>
    public bool TryGetReadTimestamp(long seq, out long timestamp) => throw new NotImplementedException();
}
