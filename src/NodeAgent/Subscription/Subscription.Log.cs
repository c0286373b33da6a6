namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>What the subscription logs.</summary>
internal static partial class SubscriptionLog
{
    [LoggerMessage(100, LogLevel.Information, "Subscribed to {Server}, session {Session}: {Clusters} clusters, local cluster {Local}")]
    public static partial void Opened(ILogger logger, Uri server, ulong session, int clusters, string local);

    [LoggerMessage(101, LogLevel.Warning, "No session: {Reason}; everything known stays in force, next attempt in {Wait:0.0} s")]
    public static partial void Ended(ILogger logger, string reason, double wait);

    [LoggerMessage(103, LogLevel.Error, "What is held of cluster {Cluster} is not what the daemon's digest says: it is asked for anew. This is a bug")]
    public static partial void Diverged(ILogger logger, Core.Clusters.ClusterName cluster);

    [LoggerMessage(102, LogLevel.Information, "The daemon asks to come back later: {Reason}")]
    public static partial void GoAway(ILogger logger, string reason);
}
