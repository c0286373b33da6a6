namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>What policy enforcement logs.</summary>
internal static partial class PolicyLog
{
    [LoggerMessage(300, LogLevel.Warning, "Cannot use {Kind} file {File}: {Problem}; {Consequence}")]
    public static partial void FileRefused(ILogger logger, string kind, string file, string problem, string consequence);

    [LoggerMessage(301, LogLevel.Information, "In force: {Items} from {Files} {Kind} files")]
    public static partial void FilesTaken(ILogger logger, int items, int files, string kind);

    [LoggerMessage(302, LogLevel.Warning, "The traffic of endpoint {Endpoint} is not policed as it should be: {Problem}; trying again")]
    public static partial void EndpointFailed(ILogger logger, string endpoint, string problem);

    [LoggerMessage(303, LogLevel.Information, "Endpoint {Endpoint} has number {Number} and identity {Identity}")]
    public static partial void EndpointReady(ILogger logger, string endpoint, ushort number, uint identity);

    [LoggerMessage(304, LogLevel.Information, "Endpoint {Endpoint} is gone; its traffic is no longer policed")]
    public static partial void EndpointRemoved(ILogger logger, string endpoint);

    [LoggerMessage(305, LogLevel.Warning, "The {Kind} directory: {Problem}")]
    public static partial void DirectoryFailed(ILogger logger, string kind, string problem);
}
