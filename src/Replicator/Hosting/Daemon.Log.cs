namespace KvStoreMesh.Replicator.Hosting;

/// <summary>What the start and the stop log.</summary>
internal static partial class DaemonLog
{
    [LoggerMessage(
        300, LogLevel.Information, "kvstoremesh {Version} of cluster {Cluster}: stream on {Listen} ({Security}), status on {Http}")]
    public static partial void Started(ILogger logger, string version, string cluster, string listen, string security, string http);

    [LoggerMessage(301, LogLevel.Information, "Accepted, without effect yet: {Options}")]
    public static partial void WithoutEffect(ILogger logger, string options);

    [LoggerMessage(
        302, LogLevel.Warning, "The stream is served without TLS on {Listen}: whoever can reach it can read every cluster's state")]
    public static partial void Plaintext(ILogger logger, string listen);

    [LoggerMessage(303, LogLevel.Error, "Changed TLS files are not used, the old ones stay in force: {Reason}")]
    public static partial void CertificatesNotReloaded(ILogger logger, string reason);

    [LoggerMessage(
        305, LogLevel.Information, "No state is kept, as there is no --state-dir: after a restart nothing is served before the sources are listed")]
    public static partial void KeepsNoState(ILogger logger);

    [LoggerMessage(304, LogLevel.Information, "Stopped")]
    public static partial void Stopped(ILogger logger);
}
