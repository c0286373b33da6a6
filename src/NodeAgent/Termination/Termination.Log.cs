namespace KvStoreMesh.NodeAgent.Termination;

/// <summary>What the termination of connections logs.</summary>
internal static partial class TerminationLog
{
    [LoggerMessage(300, LogLevel.Information, "Closed {Sockets} sockets that were connected to {Backends} withdrawn backends")]
    public static partial void Closed(ILogger logger, int sockets, int backends);

    [LoggerMessage(301, LogLevel.Warning,
        "{Namespaces} network namespaces could not be entered, so connections to withdrawn backends stay open in them; it takes CAP_SYS_ADMIN and CAP_SYS_PTRACE")]
    public static partial void NamespacesRefused(ILogger logger, int namespaces);

    [LoggerMessage(302, LogLevel.Warning, "Connections to withdrawn backends cannot be closed: {Error}; trying again")]
    public static partial void Failed(ILogger logger, string error);
}
