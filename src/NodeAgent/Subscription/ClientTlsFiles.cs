using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>PEM files, read again for each connection, so that renewed certificates need no restart.</summary>
/// <param name="CaFile">The authorities the daemon's certificate must come from; null: the system's.</param>
/// <param name="CertFile">This agent's certificate; null: none is presented.</param>
/// <param name="KeyFile">Its key.</param>
public sealed record ClientTlsFiles(string? CaFile, string? CertFile, string? KeyFile)
{
    /// <summary>Reads the files.</summary>
    /// <exception cref="IOException">A file is missing or holds no certificate or key: one line that names it.</exception>
    public SslClientAuthenticationOptions Load()
    {
        var options = new SslClientAuthenticationOptions();
        if (CaFile is { } caFile)
        {
            var authorities = new X509Certificate2Collection();
            Read(caFile, "--tls-ca-file", () => authorities.ImportFromPemFile(caFile));
            if (authorities.Count == 0)
            {
                throw new IOException($"--tls-ca-file {caFile} holds no certificate");
            }

            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            options.CertificateChainPolicy = policy;
        }

        if (CertFile is { } certFile)
        {
            Read(certFile, "--tls-cert-file", () =>
                options.ClientCertificates = [X509Certificate2.CreateFromPemFile(certFile, KeyFile)]);
        }

        return options;
    }

    private static void Read(string file, string option, Action read)
    {
        try
        {
            read();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new IOException($"{option} {file}: {failure.Message}", failure);
        }
    }
}
