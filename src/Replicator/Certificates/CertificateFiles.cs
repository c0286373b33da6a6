using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Configuration;
using KvStoreMesh.Replicator.Options;

namespace KvStoreMesh.Replicator.Certificates;

/// <summary>
/// Finds and reads the certificates that configurations name; keys are never read here. What cannot be read is left
/// out: whoever connects with it says so, with the way out.
/// </summary>
internal static class CertificateFiles
{
    private const long MaxLength = 1 << 20;

    /// <summary>Those of one etcd's client configuration.</summary>
    /// <param name="cluster">For the label.</param>
    /// <param name="prefix">Before the kind, e.g. <c>sink-</c>.</param>
    /// <param name="path">The configuration's file, for messages.</param>
    /// <param name="text">Its content.</param>
    public static IEnumerable<WatchedCertificate> OfEtcd(string cluster, string prefix, string path, string text)
    {
        EtcdClientConfig config;
        try
        {
            config = EtcdClientConfig.Parse(path, text);
        }
        catch (SourceException)
        {
            return [];
        }

        return config.IsTls
            ? [.. Read(cluster, prefix + "client", config.CertFile?.Path, isBundle: false), .. Read(cluster, prefix + "ca", config.TrustedCaFile?.Path, isBundle: true)]
            : [];
    }

    /// <summary>Those of the local etcd, whose configuration is a file.</summary>
    public static IEnumerable<WatchedCertificate> OfSink(string cluster, string configFile)
    {
        try
        {
            return OfEtcd(cluster, "sink-", configFile, File.ReadAllText(configFile));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Those of the stream to the agents.</summary>
    public static IEnumerable<WatchedCertificate> OfStream(string cluster, StreamTlsOptions tls) =>
    [
        .. Read(cluster, "stream-server", tls.CertFile, isBundle: false),
        .. Read(cluster, "stream-ca", tls.ClientCaFile, isBundle: true),
    ];

    private static IEnumerable<WatchedCertificate> Read(string cluster, string kind, string? file, bool isBundle)
    {
        if (file is null)
        {
            return [];
        }

        var certificates = new X509Certificate2Collection();
        try
        {
            if (new FileInfo(file) is not { Exists: true, Length: <= MaxLength })
            {
                return [];
            }

            certificates.ImportFromPemFile(file);

            // While an authority is replaced, a bundle holds the old and the new one: it fails when the last of them has ended.
            var used = isBundle ? certificates.MaxBy(certificate => certificate.NotAfter) : certificates.FirstOrDefault();
            return used is null
                ? []
                : [new WatchedCertificate(cluster, kind, file, new DateTimeOffset(used.NotAfter.ToUniversalTime(), TimeSpan.Zero), used.Thumbprint)];
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
        finally
        {
            foreach (var certificate in certificates)
            {
                certificate.Dispose();
            }
        }
    }
}
