using KvStoreMesh.Replicator.Certificates;
using KvStoreMesh.Replicator.Options;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Replicator.Tests.Certificates;

public sealed class CertificateFilesTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public void Client_certificate_and_authority_of_a_source_are_found_with_their_ends()
    {
        var (certFile, keyFile) = _certificates.Issue("remote", TimeSpan.FromDays(3));
        var text = $"endpoints: ['https://b:2379']\ntrusted-ca-file: {_certificates.CaFile}\ncert-file: {certFile}\nkey-file: {keyFile}\n";

        var found = CertificateFiles.OfEtcd("b", "", "b.yaml", text).ToDictionary(certificate => certificate.Kind);

        Assert.Equal(["ca", "client"], found.Keys.Order());
        Assert.Equal((certFile, "b"), (found["client"].File, found["client"].Cluster));
        Assert.InRange(found["client"].NotAfter - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(2), TimeSpan.FromDays(3));
        Assert.InRange(found["ca"].NotAfter - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(29), TimeSpan.FromDays(30));
    }

    [Fact]
    public void A_bundle_ends_with_the_last_of_its_authorities_and_a_chain_with_its_first_certificate()
    {
        var (soon, key) = _certificates.Issue("soon", TimeSpan.FromDays(3));
        var bundle = _certificates.Write("bundle.crt", File.ReadAllText(soon) + "\n" + File.ReadAllText(_certificates.CaFile));
        var found = CertificateFiles.OfStream("a", new StreamTlsOptions(bundle, key, bundle)).ToDictionary(certificate => certificate.Kind);
        Assert.InRange(found["stream-server"].NotAfter - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(2), TimeSpan.FromDays(3));
        Assert.InRange(found["stream-ca"].NotAfter - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(29), TimeSpan.FromDays(30));
    }

    [Fact]
    public void What_cannot_be_read_is_left_to_whoever_connects_with_it()
    {
        var broken = _certificates.Write("broken.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        Assert.Empty(CertificateFiles.OfEtcd("b", "", "b.yaml", "endpoints: ["));
        Assert.Empty(CertificateFiles.OfEtcd("b", "", "b.yaml", "endpoints: ['http://b:2379']"));
        Assert.Empty(CertificateFiles.OfEtcd("b", "", "b.yaml", $"endpoints: ['https://b:2379']\ntrusted-ca-file: {broken}"));
        Assert.Empty(CertificateFiles.OfEtcd("b", "", "b.yaml", "endpoints: ['https://b:2379']\ntrusted-ca-file: /no/such/file"));
        Assert.Empty(CertificateFiles.OfSink("a", "/no/such/file"));
    }
}
