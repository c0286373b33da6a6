namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>What the process logs about itself.</summary>
internal static partial class HostLog
{
    [LoggerMessage(1, LogLevel.Information, "Starting on node {Node}; datapath {Datapath}")]
    public static partial void Starting(ILogger logger, string node, string datapath);

    [LoggerMessage(2, LogLevel.Information, "Stopped; maps and programs stay in place, traffic goes on (to remove them: node-agent cleanup)")]
    public static partial void Stopped(ILogger logger);
}
