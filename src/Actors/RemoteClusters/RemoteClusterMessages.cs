using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>To a remote cluster's actor: end the connection, have the cache forget the cluster, stop.</summary>
internal sealed record DrainRemoteCluster
{
    public static readonly DrainRemoteCluster Instance = new();

    private DrainRemoteCluster()
    {
    }
}

/// <summary>To the parent, the last message of a drained actor. One that ends without it has crashed.</summary>
/// <param name="Cluster">The cluster.</param>
internal sealed record RemoteClusterDrained(ClusterName Cluster);
