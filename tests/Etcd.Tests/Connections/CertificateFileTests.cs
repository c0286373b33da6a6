using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Etcd.Tests.Connections;

/// <summary>A certificate file that is not what it should be is a fault of the configuration, found before anything is dialled.</summary>
public sealed class CertificateFileTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task A_missing_file_is_named_with_key_and_line()
    {
        var e = await FailAsync("/no/such/ca.crt", null);
        Assert.StartsWith("ape.yaml:2: trusted-ca-file /no/such/ca.crt does not exist: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_is_no_file()
    {
        var e = await FailAsync(Path.GetTempPath(), null);
        Assert.Contains("cannot be read", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_a_certificate_says_what_it_must_hold()
    {
        var e = await FailAsync(_certificates.Write("empty.crt", "nothing"), null);
        Assert.Contains("holds no certificate: it must be PEM", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_certificate_is_told_from_a_missing_one()
    {
        var broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        var e = await FailAsync(_certificates.Write("broken.crt", broken), null);
        Assert.Contains("holds a certificate that cannot be read", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_huge_file_is_not_read()
    {
        var e = await FailAsync(_certificates.Write("huge.crt", new string('x', 1024 * 1024 + 1)), null);
        Assert.Contains("is larger than 1024 KiB", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_another_certificate_does_not_match()
    {
        var (certFile, _) = _certificates.Issue("remote");
        var (_, keyFile) = _certificates.Issue("remote");
        var e = await FailAsync(_certificates.CaFile, (certFile, keyFile));
        Assert.Contains($"key-file {keyFile} is not the key of the first certificate in {certFile}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_a_key_a_damaged_and_an_encrypted_one_say_so()
    {
        var (certFile, _) = _certificates.Issue("remote");
        var none = await FailAsync(_certificates.CaFile, (certFile, certFile));
        Assert.Contains("holds no private key", none.Message, StringComparison.Ordinal);
        var damaged = _certificates.Write("d.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        Assert.Contains("holds a key that cannot be read", (await FailAsync(_certificates.CaFile, (certFile, damaged))).Message, StringComparison.Ordinal);
        var encrypted = _certificates.Write("e.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
        var e = await FailAsync(_certificates.CaFile, (certFile, encrypted));
        Assert.Contains("holds an encrypted key", e.Message, StringComparison.Ordinal);
    }

    private static async Task<SourceException> FailAsync(string caFile, (string CertFile, string KeyFile)? client)
    {
        var text = $"endpoints: ['https://127.0.0.1:1']\ntrusted-ca-file: {caFile}\n"
            + (client is { } files ? $"cert-file: {files.CertFile}\nkey-file: {files.KeyFile}\n" : string.Empty);
        var definition = new SourceDefinition(ClusterName.Parse("ape"), SourceRole.Remote, "ape.yaml", text);
        var e = await Assert.ThrowsAsync<SourceException>(() => RealEtcd.NewConnector().ConnectAsync(definition, CancellationToken.None));
        Assert.Equal(SourcePhase.Configuration, e.Phase);
        return e;
    }
}
