using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KvStoreMesh.MeshLab;

/// <summary>
/// The lab's authority, its certificates, and etcd client configurations that name them. The files are readable by every container that
/// mounts the volume, whatever its user: a lab's keys protect nothing.
/// </summary>
internal static class LabCertificates
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    /// <summary>Writes everything below a directory; an authority that is there is kept.</summary>
    public static void Write(string directory, IReadOnlyList<string> clusters)
    {
        Directory.CreateDirectory(directory);
        using var authority = Authority(directory);
        foreach (var user in (string[])["root", "remote", "agent"])
        {
            Issue(directory, authority, user);
        }

        foreach (var cluster in clusters)
        {
            Issue(directory, authority, $"etcd-{cluster}", $"etcd-{cluster}", "localhost", "127.0.0.1");
            Issue(directory, authority, $"mesh-{cluster}", $"mesh-{cluster}", "localhost", "127.0.0.1");
            var config = $"endpoints:\n- https://etcd-{cluster}:2379\ntrusted-ca-file: {directory}/ca.crt\ncert-file: {directory}/remote.crt\nkey-file: {directory}/remote.key\n";
            File.WriteAllText(Path.Combine(directory, $"local-{cluster}.yaml"), config);
            foreach (var other in clusters.Where(other => other != cluster))
            {
                Directory.CreateDirectory(Path.Combine(directory, $"mesh-{other}"));
                File.WriteAllText(Path.Combine(directory, $"mesh-{other}", cluster), config);
            }
        }
    }

    /// <summary>A certificate with its key, as a client shows it.</summary>
    public static X509Certificate2 Read(string directory, string name) =>
        X509Certificate2.CreateFromPemFile(Path.Combine(directory, $"{name}.crt"), Path.Combine(directory, $"{name}.key"));

    private static X509Certificate2 Authority(string directory)
    {
        if (File.Exists(Path.Combine(directory, "ca.key")))
        {
            return Read(directory, "ca");
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=lab authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = TimeProvider.System.GetUtcNow();
        var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(365));
        Save(directory, "ca", certificate, key);
        return certificate;
    }

    private static void Issue(string directory, X509Certificate2 authority, string name, params string[] hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerUse), new Oid(ClientUse)], false));
        if (hosts.Length > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (var host in hosts)
            {
                if (IPAddress.TryParse(host, out var address))
                {
                    names.AddIpAddress(address);
                }
                else
                {
                    names.AddDnsName(host);
                }
            }

            request.CertificateExtensions.Add(names.Build());
        }

        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(authority, now.AddMinutes(-30), now.AddDays(90), RandomNumberGenerator.GetBytes(8));
        Save(directory, name, certificate, key);
    }

    // By a new file and a rename: a reader sees the old one or the new one.
    private static void Save(string directory, string name, X509Certificate2 certificate, ECDsa key)
    {
        foreach (var (extension, pem) in new[] { ("crt", certificate.ExportCertificatePem()), ("key", key.ExportPkcs8PrivateKeyPem()) })
        {
            var path = Path.Combine(directory, $"{name}.{extension}");
            File.WriteAllText(path + ".new", pem + "\n");
            File.Move(path + ".new", path, overwrite: true);
        }
    }
}
