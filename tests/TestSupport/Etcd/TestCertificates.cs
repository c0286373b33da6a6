using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KvStoreMesh.TestSupport.Etcd;

/// <summary>A certificate authority and what it signs, as PEM files in a folder of its own, which goes with it.</summary>
public sealed class TestCertificates : IDisposable
{
    private readonly X509Certificate2 _authority;
    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _folder = Directory.CreateTempSubdirectory("kvstoremesh-certs-").FullName;
    private int _serial;

    public TestCertificates(string name = "test-ca")
    {
        var request = new CertificateRequest($"CN={name}", _authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(Start(-1), Start(30));
        CaFile = Write("ca.crt", _authority.ExportCertificatePem());
    }

    /// <summary>The authority's certificate.</summary>
    public string CaFile { get; }

    /// <summary>Issues a certificate, for a server if it has names or addresses, else for a client.</summary>
    /// <param name="commonName">The subject; etcd's user name of a client.</param>
    /// <param name="validFor">Negative: it has expired.</param>
    /// <param name="names">Host names and IP addresses it is for.</param>
    public (string CertFile, string KeyFile) Issue(string commonName, TimeSpan? validFor = null, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        // etcd's gateway is a client of itself with the server's certificate.
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        if (names.Length > 0)
        {
            var alternatives = new SubjectAlternativeNameBuilder();
            foreach (var name in names)
            {
                if (IPAddress.TryParse(name, out var address))
                {
                    alternatives.AddIpAddress(address);
                }
                else
                {
                    alternatives.AddDnsName(name);
                }
            }

            request.CertificateExtensions.Add(alternatives.Build());
        }

        var serial = Interlocked.Increment(ref _serial);
        var generator = X509SignatureGenerator.CreateForECDsa(_authorityKey);
        var end = validFor is { } time ? TimeProvider.System.GetUtcNow() + time : Start(20);
        using var certificate = request.Create(_authority.SubjectName, generator, Start(-1), end, BitConverter.GetBytes(serial));
        return (Write($"{serial}-{commonName}.crt", certificate.ExportCertificatePem()),
            Write($"{serial}-{commonName}.key", key.ExportPkcs8PrivateKeyPem()));
    }

    /// <summary>Writes any file beside the certificates and returns its path.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        _authority.Dispose();
        _authorityKey.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static DateTimeOffset Start(int days) => TimeProvider.System.GetUtcNow().AddDays(days);
}
