using System.Collections.Immutable;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Actors.Mesh;

/// <summary>
/// The last status of every source, for readers outside the actors. Written by the <c>ClusterMeshActor</c> only, read
/// by any thread as one immutable snapshot.
/// </summary>
public sealed class MeshStatusBoard
{
    private volatile ImmutableSortedDictionary<ClusterName, RemoteClusterStatus> _current =
        ImmutableSortedDictionary<ClusterName, RemoteClusterStatus>.Empty;

    /// <summary>The sources by name, those that drain included.</summary>
    public ImmutableSortedDictionary<ClusterName, RemoteClusterStatus> Current => _current;

    internal void Publish(ImmutableSortedDictionary<ClusterName, RemoteClusterStatus> statuses) => _current = statuses;
}
