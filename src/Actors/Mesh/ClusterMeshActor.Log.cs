using KvStoreMesh.Core.Clusters;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.Mesh;

/// <summary>Event ids 1000 to 1099. Texts begin with Cilium's where there is one.</summary>
internal static partial class ClusterMeshLog
{
    [LoggerMessage(1000, LogLevel.Information, "Delaying configuration of remote cluster, which is still being removed: {Cluster}")]
    public static partial void ConfigurationDelayed(this ILogger logger, ClusterName cluster);

    [LoggerMessage(1001, LogLevel.Information, "Replaying delayed configuration of new remote cluster after removal: {Cluster}")]
    public static partial void ConfigurationReplayed(this ILogger logger, ClusterName cluster);

    [LoggerMessage(1002, LogLevel.Information, "Dropped the delayed configuration of remote cluster {Cluster}: it was removed again")]
    public static partial void DelayedConfigurationDropped(this ILogger logger, ClusterName cluster);

    [LoggerMessage(
        1003, LogLevel.Error, "The actor of remote cluster {Cluster} crashed; a bug. What it replicated stays, another one follows")]
    public static partial void Crashed(this ILogger logger, Exception error, ClusterName cluster);
}
