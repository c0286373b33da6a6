using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Configuration;

namespace KvStoreMesh.Etcd.Connections;

/// <summary>
/// The certificates of one connection, read from disk when it is made: a rotated certificate counts from the next
/// connection on. Disposing forgets the key.
/// </summary>
internal sealed class TlsMaterial : IDisposable
{
    private readonly X509Certificate2Collection _clientChain;

    private TlsMaterial(X509Certificate2Collection? trusted, X509Certificate2? client, X509Certificate2Collection clientChain)
    {
        Trusted = trusted;
        Client = client is null ? null : SslStreamCertificateContext.Create(client, clientChain, offline: true);
        _clientChain = clientChain;
    }

    /// <summary>The most bytes a certificate file may have.</summary>
    public const long MaxFileLength = 1024 * 1024;

    /// <summary>What may sign the server's certificate; null = the system's roots.</summary>
    public X509Certificate2Collection? Trusted { get; }

    /// <summary>The client certificate with its key and intermediates; null = none.</summary>
    public SslStreamCertificateContext? Client { get; }

    /// <summary>Reads the files the configuration names.</summary>
    /// <exception cref="SourceException"><see cref="SourcePhase.Configuration"/>, naming the file and the key.</exception>
    public static TlsMaterial Load(EtcdClientConfig config)
    {
        var trusted = config.TrustedCaFile is { } ca ? ReadCertificates(config, ca) : null;
        if (config.CertFile is not { } certFile || config.KeyFile is not { } keyFile)
        {
            return new TlsMaterial(trusted, null, []);
        }

        var chain = ReadCertificates(config, certFile);
        return new TlsMaterial(trusted, WithKey(config, chain[0], keyFile), chain);
    }

    public void Dispose()
    {
        Client?.TargetCertificate.Dispose();
        foreach (var certificate in (IEnumerable<X509Certificate2>)[.. _clientChain, .. Trusted ?? []])
        {
            certificate.Dispose();
        }
    }

    private static X509Certificate2Collection ReadCertificates(EtcdClientConfig config, ConfiguredFile file)
    {
        var pem = ReadText(config, file);
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw Error(config, file, "holds a certificate that cannot be read: replace the file", e);
        }

        return certificates.Count > 0
            ? certificates
            : throw Error(config, file, "holds no certificate: it must be PEM with a '-----BEGIN CERTIFICATE-----' block");
    }

    private static X509Certificate2 WithKey(EtcdClientConfig config, X509Certificate2 certificate, ConfiguredFile keyFile)
    {
        var pem = ReadText(config, keyFile);
        if (pem.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw Error(config, keyFile, "holds an encrypted key, for which there is no passphrase: store it decrypted");
        }

        try
        {
            return X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), pem);
        }
        catch (CryptographicException e)
        {
            var problem = pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal)
                ? "holds a key that cannot be read: replace the file"
                : "holds no private key: it must be PEM with a '-----BEGIN PRIVATE KEY-----' block";
            throw Error(config, keyFile, problem, e);
        }
        catch (ArgumentException e)
        {
            throw Error(config, keyFile, $"is not the key of the first certificate in {config.CertFile!.Path}: replace both files together", e);
        }
    }

    private static string ReadText(EtcdClientConfig config, ConfiguredFile file)
    {
        try
        {
            var info = new FileInfo(file.Path);
            return info.Exists && info.Length > MaxFileLength
                ? throw Error(config, file, $"is larger than {MaxFileLength / 1024} KiB: this is not a certificate file", null)
                : File.ReadAllText(file.Path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Error(config, file, "does not exist: mount it, or correct the name", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Error(config, file, $"cannot be read ({e.GetType().Name}): it must be a file that this process may read", e);
        }
    }

    private static SourceException Error(EtcdClientConfig config, ConfiguredFile file, string problem, Exception? cause) =>
        new(SourcePhase.Configuration, $"{config.Path}:{file.Line}: {file.Key} {file.Path} {problem}", cause);

    private static SourceException Error(EtcdClientConfig config, ConfiguredFile file, string problem) =>
        Error(config, file, problem, null);
}
