using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>
/// What an incarnation of a <see cref="RemoteClusterActor"/> hands over to the next one. Created and kept by the parent,
/// touched by one incarnation at a time.
/// </summary>
/// <remarks>
/// A replica that started empty after a crash would not know the keys the cache still holds, and so could never delete
/// them. The same holds for a delta that had not reached the cache, and for a connection the source still sees: the next
/// incarnation delivers the one and awaits the end of the other before it connects.
/// </remarks>
internal sealed class RemoteClusterHandover(ClusterName cluster, RemoteClusterOptions options, Random random)
{
    /// <summary>The cluster.</summary>
    public ClusterName Cluster => cluster;

    /// <summary>The replica and what it still owes to the cache.</summary>
    public ReplicaSync Sync { get; private set; } = new(new SourceReplica(cluster, random));

    /// <summary>How well the source has been reached.</summary>
    public SourceHealth Health { get; } = new(options, random);

    /// <summary>The last session; null before the first.</summary>
    public SourceSession? Session { get; set; }

    /// <summary>No attempt has been made yet: the first one is spread.</summary>
    public bool IsFirst => Session is null;

    /// <summary>A new incarnation starts. What the last one tore is replaced.</summary>
    public void Renew() => Sync = Sync.IsTorn ? new(new SourceReplica(cluster, random), replacesCache: true) : Sync;
}
