using KvStoreMesh.Core.Clusters;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.Caching;

/// <summary>Event ids 1200 to 1299.</summary>
internal static partial class MeshCacheLog
{
    [LoggerMessage(
        1200, LogLevel.Error, "The cache failed on a change of remote cluster {Cluster}; this is a bug, the cluster is replicated anew")]
    public static partial void CacheRefused(this ILogger logger, Exception error, ClusterName cluster);
}
