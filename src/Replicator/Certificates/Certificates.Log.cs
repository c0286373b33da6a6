namespace KvStoreMesh.Replicator.Certificates;

/// <summary>Event ids 350 to 359. Names files, never content.</summary>
internal static partial class CertificatesLog
{
    /// <summary>Says what a notice says.</summary>
    public static void Report(ILogger logger, CertificateNotice notice, DateTimeOffset now)
    {
        var (certificate, stage, isRotated) = notice;
        if (isRotated)
        {
            Rotated(logger, certificate.Kind, certificate.Cluster, certificate.File, certificate.NotAfter);
        }

        if (stage == ExpiryStage.Expired)
        {
            Expired(logger, certificate.Kind, certificate.Cluster, certificate.File, certificate.NotAfter);
        }
        else if (stage > ExpiryStage.Far)
        {
            Expires(logger, certificate.Kind, certificate.Cluster, certificate.File, (certificate.NotAfter - now).TotalDays, certificate.NotAfter);
        }
    }

    [LoggerMessage(350, LogLevel.Information, "The {Kind} certificate of cluster {Cluster} was replaced ({File}, valid until {NotAfter:u}): new connections use it, open ones stay")]
    private static partial void Rotated(ILogger logger, string kind, string cluster, string file, DateTimeOffset notAfter);

    [LoggerMessage(351, LogLevel.Warning, "The {Kind} certificate of cluster {Cluster} ends in {Days:0.#} days ({File}, {NotAfter:u}): replace the file, it is read again without a restart")]
    private static partial void Expires(ILogger logger, string kind, string cluster, string file, double days, DateTimeOffset notAfter);

    [LoggerMessage(352, LogLevel.Error, "The {Kind} certificate of cluster {Cluster} has ended ({File}, {NotAfter:u}): open connections stay, new ones fail; replace the file")]
    private static partial void Expired(ILogger logger, string kind, string cluster, string file, DateTimeOffset notAfter);
}
