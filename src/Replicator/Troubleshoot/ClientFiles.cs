using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KvStoreMesh.Etcd.Configuration;

namespace KvStoreMesh.Replicator.Troubleshoot;

/// <summary>The certificates that a configuration names, as far as they can be read; what cannot be is a finding.</summary>
/// <param name="Trusted">Who may sign the server's; null for the system's authorities.</param>
/// <param name="Client">What this side shows; null if there is none.</param>
internal sealed record ClientFiles(X509Certificate2Collection? Trusted, SslStreamCertificateContext? Client)
{
    /// <summary>Reads them.</summary>
    public static ClientFiles Read(EtcdClientConfig config, List<Finding> findings, DateTimeOffset now)
    {
        var trusted = config.TrustedCaFile is { } ca ? Certificates(ca, findings) : null;
        foreach (var authority in trusted ?? [])
        {
            findings.Add(CertificateFindings.Validity(authority, $"the authority '{authority.Subject}' of {config.TrustedCaFile!.Path}", now));
        }

        if (config.CertFile is not { } certFile || config.KeyFile is not { } keyFile || Certificates(certFile, findings) is not [var first, ..] chain)
        {
            return new ClientFiles(trusted, null);
        }

        findings.Add(CertificateFindings.Validity(first, $"the client certificate {certFile.Path} ({first.Subject})", now));
        try
        {
            var withKey = X509Certificate2.CreateFromPemFile(certFile.Path, keyFile.Path);
            return new ClientFiles(trusted, SslStreamCertificateContext.Create(withKey, chain, offline: true));
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            findings.Add(Finding.Error("tls", $"{keyFile.Path} is not the key of {certFile.Path}: {error.Message}", "replace both files together"));
            return new ClientFiles(trusted, null);
        }
    }

    /// <summary>What the server's certificate is judged by.</summary>
    public X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (Trusted is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(Trusted);
        }

        return policy;
    }

    private static X509Certificate2Collection? Certificates(ConfiguredFile file, List<Finding> findings)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(file.Path);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            findings.Add(Finding.Error("tls", $"{file.Key} {file.Path} cannot be read: {error.Message}", "mount it, or correct the name"));
            return null;
        }

        if (certificates.Count == 0)
        {
            findings.Add(Finding.Error("tls", $"{file.Key} {file.Path} holds no certificate in PEM", "replace the file"));
        }

        return certificates;
    }
}
