using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.NodeAgent.Agent;

/// <summary>What the apply loop logs.</summary>
internal static partial class AgentLog
{
    [LoggerMessage(200, LogLevel.Information, "Adopted {Services} services, {Backends} backends and {Rows} ipcache rows")]
    public static partial void Adopted(ILogger logger, int services, int backends, int rows);

    [LoggerMessage(201, LogLevel.Warning, "Cannot use a value of cluster {Cluster}: {Key}: {Reason}; the previous one, if any, stays in force")]
    public static partial void InvalidValue(ILogger logger, ClusterName cluster, MeshKey key, string reason);

    [LoggerMessage(202, LogLevel.Information, "Cluster {Cluster} was removed, and {Keys} keys with it")]
    public static partial void ClusterRemoved(ILogger logger, ClusterName cluster, int keys);

    [LoggerMessage(203, LogLevel.Warning, "The datapath is not as it should be: {Error}; trying again")]
    public static partial void DatapathFailed(ILogger logger, string error);

    [LoggerMessage(204, LogLevel.Information, "Synced: {Who} told all it has; adopted entries that nobody named are removed")]
    public static partial void Synced(ILogger logger, string who);

    [LoggerMessage(205, LogLevel.Warning,
        "Still waiting for {Clusters}; up to {Services} adopted services and {Rows} adopted ipcache rows that may be theirs stay")]
    public static partial void SyncTimedOut(ILogger logger, string clusters, int services, int rows);

    [LoggerMessage(206, LogLevel.Warning,
        "The daemon does not say which cluster is the local one, so there are no services; give --cluster-name here or to the daemon")]
    public static partial void NoLocalCluster(ILogger logger);

    [LoggerMessage(208, LogLevel.Warning, "Manifests: {Problem}")]
    public static partial void ManifestProblem(ILogger logger, string problem);

    [LoggerMessage(209, LogLevel.Information, "Manifests: {Services} services")]
    public static partial void ManifestsRead(ILogger logger, int services);

    [LoggerMessage(210, LogLevel.Warning, "The socket programs are not in place: {Problem}; looking again")]
    public static partial void NotAttached(ILogger logger, string problem);

    [LoggerMessage(211, LogLevel.Warning, "Frontend {Frontend} is claimed by several services: {Services}; the first has it")]
    public static partial void Contested(ILogger logger, string frontend, string services);

    [LoggerMessage(207, LogLevel.Warning, "This node is in cluster {Configured} by --cluster-name, its daemon in {Told}; {Configured} counts")]
    public static partial void OtherLocalCluster(ILogger logger, ClusterName configured, ClusterName told);
}
