using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sinks;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.Sinks;

/// <summary>Event ids 1300 to 1399. What is said follows from two statuses in a row, so that a storm of failures is one line.</summary>
internal static partial class EtcdSinkLog
{
    [LoggerMessage(1300, LogLevel.Error, "The etcd sink failed; this is a bug. It compares everything with the local etcd and goes on")]
    public static partial void Crashed(this ILogger logger, Exception error);

    /// <summary>Says what an operator should know of what happened between two statuses.</summary>
    public static void StatusChanged(this ILogger logger, EtcdSinkStatus before, EtcdSinkStatus now)
    {
        if (now.Connected && !before.Connected)
        {
            logger.Connected(now.Endpoint!);
        }
        else if (!now.Connected && now.FailuresInARow > 0 && before.FailuresInARow == 0)
        {
            logger.Lost(now.LastError ?? "no reason is known", now.PendingKeys);
        }
        else if (now.LastErrorAt != before.LastErrorAt && now.LastError != before.LastError)
        {
            logger.Failed(now.LastError!);
        }

        if (now.LeadsLost > before.LeadsLost)
        {
            logger.LeadLost();
        }

        if (now.IsLeader && now.Leader is not null && (!before.IsLeader || now.LeadsLost > before.LeadsLost))
        {
            logger.Leads(now.Leader);
        }
        else if (!now.IsLeader && now.Leader is not null && now.Leader != before.Leader)
        {
            logger.StandsBy(now.Leader);
        }

        if (now.IsBootstrapped && !before.IsBootstrapped)
        {
            logger.Bootstrapped(now.Clusters.Count, now.Clusters.Sum(cluster => (long)cluster.Keys));
        }

        if (now.LeasesLost > before.LeasesLost)
        {
            logger.LeasesLost(now.LeasesLost - before.LeasesLost);
        }

        if (now.HistoriesLost > before.HistoriesLost)
        {
            logger.HistoryLost();
        }

        LogClusters(logger, before, now);
    }

    private static void LogClusters(ILogger logger, EtcdSinkStatus before, EtcdSinkStatus now)
    {
        var old = before.Clusters.ToDictionary(cluster => cluster.Cluster);
        foreach (var cluster in now.Clusters)
        {
            old.Remove(cluster.Cluster, out var was);
            if (cluster.Phase == SinkClusterPhase.Draining && was?.Phase != SinkClusterPhase.Draining)
            {
                logger.Draining(cluster.Cluster);
            }

            if (cluster.IsRevoked && was is not { IsRevoked: true })
            {
                logger.Revoked(cluster.Cluster);
            }

            if (cluster.Problem is { } problem && problem != was?.Problem)
            {
                logger.ClusterProblem(cluster.Cluster, problem);
            }
        }

        foreach (var gone in old.Values)
        {
            logger.Drained(gone.Cluster);
        }
    }

    [LoggerMessage(1301, LogLevel.Information, "Connected to the local etcd at {Endpoint}")]
    private static partial void Connected(this ILogger logger, string endpoint);

    [LoggerMessage(1302, LogLevel.Warning, "The local etcd is lost: {Problem}. {Pending} keys wait; it is tried again until it answers")]
    private static partial void Lost(this ILogger logger, string problem, int pending);

    [LoggerMessage(1303, LogLevel.Warning, "The local etcd: {Problem}")]
    private static partial void Failed(this ILogger logger, string problem);

    [LoggerMessage(1304, LogLevel.Information, "The local etcd holds the mirror of all {Clusters} clusters, {Keys} keys")]
    private static partial void Bootstrapped(this ILogger logger, int clusters, long keys);

    [LoggerMessage(1305, LogLevel.Warning, "{Leases} leases of the local etcd are lost; their keys are written again")]
    private static partial void LeasesLost(this ILogger logger, long leases);

    [LoggerMessage(1306, LogLevel.Warning, "The local etcd was wiped, restored or replaced: everything is compared and written again")]
    private static partial void HistoryLost(this ILogger logger);

    [LoggerMessage(1307, LogLevel.Information, "Removing cluster {Cluster} from the local etcd: its config first, its data after the grace period")]
    private static partial void Draining(this ILogger logger, ClusterName cluster);

    [LoggerMessage(1308, LogLevel.Information, "Cluster {Cluster} is removed from the local etcd")]
    private static partial void Drained(this ILogger logger, ClusterName cluster);

    [LoggerMessage(1309, LogLevel.Warning, "Cluster {Cluster} has been lost for longer than its cache may live: its services are withdrawn")]
    private static partial void Revoked(this ILogger logger, ClusterName cluster);

    [LoggerMessage(1311, LogLevel.Information, "This daemon leads: it writes the mirror in the local etcd ({Lock})")]
    private static partial void Leads(this ILogger logger, string @lock);

    [LoggerMessage(1312, LogLevel.Information, "Another daemon leads ({Lock}): this one stands by, its own stream is served")]
    private static partial void StandsBy(this ILogger logger, string @lock);

    [LoggerMessage(1313, LogLevel.Warning, "The lead is lost: this daemon stops writing into the local etcd and stands by")]
    private static partial void LeadLost(this ILogger logger);

    [LoggerMessage(1314, LogLevel.Information, "The lead could not be given back, it ends within 25 s: {Problem}")]
    public static partial void NotResigned(this ILogger logger, string problem);

    [LoggerMessage(1310, LogLevel.Warning, "The mirror of cluster {Cluster}: {Problem}")]
    private static partial void ClusterProblem(this ILogger logger, ClusterName cluster, string problem);
}
