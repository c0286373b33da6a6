using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>Event ids 1100 to 1199. Where Cilium logs the same, the text begins with Cilium's, for those who search for it.</summary>
internal static partial class RemoteClusterLog
{
    [LoggerMessage(1100, LogLevel.Information, "Connecting to remote cluster {Cluster} ({ConfigPath})")]
    public static partial void Connecting(this ILogger logger, ClusterName cluster, string configPath);

    [LoggerMessage(
        1101, LogLevel.Information, "Connection to remote cluster established: {Cluster} at {Endpoint}, etcd {EtcdClusterId:x}")]
    public static partial void ConnectionEstablished(this ILogger logger, ClusterName cluster, string endpoint, ulong etcdClusterId);

    /// <summary>The config in the words of its JSON.</summary>
    public static void ConfigFound(this ILogger logger, ClusterName cluster, CiliumClusterConfig config, long revision) =>
        logger.ConfigFound(cluster, revision, config.Id, config.Capabilities.Cached, config.Capabilities.SyncedCanaries);

    [LoggerMessage(
        1102,
        LogLevel.Information,
        "Found remote cluster configuration of {Cluster} at revision {Revision}: id {ClusterId}, cached {Cached}, syncedCanaries {SyncedCanaries}")]
    private static partial void ConfigFound(
        this ILogger logger, ClusterName cluster, long revision, uint clusterId, bool cached, bool syncedCanaries);

    [LoggerMessage(EventId = 1103, Message = "Unable to get remote cluster configuration of {Cluster}: {Problem}")]
    public static partial void ConfigMissing(this ILogger logger, LogLevel level, ClusterName cluster, string problem);

    [LoggerMessage(
        1104, LogLevel.Information, "Remote cluster {Cluster} is watched from revision {Revision}, every resource synced: {Synced}")]
    public static partial void Live(this ILogger logger, ClusterName cluster, long revision, bool synced);

    [LoggerMessage(1105, LogLevel.Information, "Listing remote cluster {Cluster} again: {Problem}")]
    public static partial void Relisting(this ILogger logger, ClusterName cluster, string problem);

    [LoggerMessage(
        1111, LogLevel.Error, "Remote cluster {Cluster} has drifted: {Count} keys are not as its source has them; they are repaired now: {Keys}")]
    public static partial void Drifted(this ILogger logger, ClusterName cluster, int count, string keys);

    [LoggerMessage(EventId = 1112, Message = "Remote cluster {Cluster} is over its quota: {Problem}; next attempt in {Delay:0.0} s")]
    public static partial void OverQuota(this ILogger logger, LogLevel level, ClusterName cluster, string problem, double delay);

    [LoggerMessage(1108, LogLevel.Debug, "The old connection to remote cluster {Cluster} did not end as it should")]
    public static partial void CloseFailed(this ILogger logger, Exception error, ClusterName cluster);

    [LoggerMessage(1109, LogLevel.Information, "Connection to remote cluster stopped: {Cluster}")]
    public static partial void ConnectionStopped(this ILogger logger, ClusterName cluster);

    [LoggerMessage(1110, LogLevel.Information, "Remote cluster disconnected: {Cluster}")]
    public static partial void Disconnected(this ILogger logger, ClusterName cluster);

    /// <summary>Cilium has one text for what prevents a connection and another for what ends one.</summary>
    public static void AttemptFailed(
        this ILogger logger, LogLevel level, SourceFailure failure, ClusterName cluster, string configPath, TimeSpan delay)
    {
        if (failure.Phase >= SourcePhase.ClusterConfig)
        {
            logger.ConnectionLost(level, cluster, failure.Phase, failure.Message, delay.TotalSeconds);
        }
        else
        {
            logger.ConnectFailed(level, cluster, configPath, failure.Phase, failure.Message, delay.TotalSeconds);
        }
    }

    [LoggerMessage(
        EventId = 1106,
        Message = "Unable to establish etcd connection to remote cluster {Cluster} ({ConfigPath}), {Phase}: {Problem}; "
            + "next attempt in {Delay:0.0} s")]
    private static partial void ConnectFailed(
        this ILogger logger, LogLevel level, ClusterName cluster, string configPath, SourcePhase phase, string problem, double delay);

    [LoggerMessage(
        EventId = 1107,
        Message = "Error observed on etcd connection, reconnecting etcd of remote cluster {Cluster}, {Phase}: {Problem}; "
            + "next attempt in {Delay:0.0} s")]
    private static partial void ConnectionLost(
        this ILogger logger, LogLevel level, ClusterName cluster, SourcePhase phase, string problem, double delay);
}
