using KvStoreMesh.Core.Clusters;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>Event ids 1400 to 1499.</summary>
internal static partial class StateLog
{
    [LoggerMessage(
        1400, LogLevel.Information, "Read the last state of {Clusters} clusters, {Keys} keys, from {Location} in {Milliseconds} ms")]
    public static partial void Loaded(this ILogger logger, int clusters, long keys, string location, long milliseconds);

    [LoggerMessage(EventId = 1401, Message = "The state is not stored: {Problem}")]
    public static partial void NotStored(this ILogger logger, LogLevel level, string problem);

    [LoggerMessage(1402, LogLevel.Information, "The state is stored again in {Location}, after {Failures} failures")]
    public static partial void StoredAgain(this ILogger logger, string location, int failures);

    [LoggerMessage(1403, LogLevel.Warning, "{Notice}")]
    public static partial void Notice(this ILogger logger, string notice);

    [LoggerMessage(1404, LogLevel.Warning, "Remote cluster {Cluster} starts without its last state: {Problem}")]
    public static partial void ColdStart(this ILogger logger, ClusterName cluster, string problem);

    [LoggerMessage(
        1405, LogLevel.Warning, "The last state was not read from {Location} within {Seconds} s: the clusters start without it")]
    public static partial void RestoreTimedOut(this ILogger logger, string location, double seconds);

    [LoggerMessage(1406, LogLevel.Information, "Remote cluster {Cluster} was removed while the daemon was down: it is withdrawn")]
    public static partial void RemovedMeanwhile(this ILogger logger, ClusterName cluster);

    [LoggerMessage(
        1407,
        LogLevel.Information,
        "Remote cluster {Cluster} is served as last known {Age} ago, at revision {Revision}, {Keys} keys, until its source is reached")]
    public static partial void Restored(this ILogger logger, ClusterName cluster, TimeSpan age, long revision, int keys);

    [LoggerMessage(1408, LogLevel.Error, "The journal of the clusters' lives in {Location} failed; it is opened again in {Delay}")]
    public static partial void JournalFailed(this ILogger logger, Exception? error, string location, TimeSpan delay);
}
