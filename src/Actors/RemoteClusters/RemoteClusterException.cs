using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>A cluster's actor cannot go on because of a bug; its parent starts it again.</summary>
internal sealed class RemoteClusterException(ClusterName cluster, Exception innerException)
    : Exception($"the cache refused a change of remote cluster {cluster}: {innerException.Message}", innerException);
