using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Replicator.ClusterConfigs;

/// <summary>What the watch of the configuration logs; never a file's content, which may hold a password.</summary>
internal static partial class ClusterConfigsLog
{
    [LoggerMessage(200, LogLevel.Information, "Configured: {Source}")]
    public static partial void Configured(ILogger logger, SourceDefinition source);

    [LoggerMessage(201, LogLevel.Information, "Cluster {Cluster} is removed: its file is gone from {Directory}")]
    public static partial void Removed(ILogger logger, string cluster, string? directory);

    [LoggerMessage(202, LogLevel.Error, "{File}: {Problem}")]
    public static partial void Problem(ILogger logger, string file, string problem);

    [LoggerMessage(203, LogLevel.Information, "{File}: no longer a problem")]
    public static partial void Solved(ILogger logger, string file);

    [LoggerMessage(204, LogLevel.Warning, "{Directory} cannot be watched ({Reason}): it is read every {Seconds} s instead")]
    public static partial void NotWatched(ILogger logger, string directory, string reason, double seconds);
}
