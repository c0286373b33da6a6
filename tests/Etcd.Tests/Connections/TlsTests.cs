using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Etcd.Tests.Connections;

/// <summary>TLS to an etcd that wants a client certificate: what works, and what each refusal says.</summary>
public sealed class TlsTests(TlsTests.SharedEtcd shared) : IClassFixture<TlsTests.SharedEtcd>
{
    private static readonly CancellationToken Limit = new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    [EtcdFact]
    public async Task Certificates_of_the_right_authority_connect()
    {
        var certificate = shared.Certificates.Issue("remote");
        await using var connection = await ConnectAsync((await shared.EtcdAsync()).Definition("ape", certificate));
        Assert.NotEqual(0UL, connection.EtcdClusterId);
    }

    [EtcdFact]
    public async Task A_server_of_another_authority_is_refused()
    {
        using var other = new TestCertificates("another-ca");
        var e = await FailAsync((await shared.EtcdAsync()).Definition("ape", shared.Certificates.Issue("remote")), shared.Certificates.CaFile, other.CaFile);
        Assert.Equal(SourcePhase.Tls, e.Phase);
        Assert.Contains($"its certificate is not signed by {other.CaFile} but by 'CN=test-ca'", e.Message, StringComparison.Ordinal);
    }

    [EtcdFact]
    public async Task Several_authorities_in_one_file_are_all_trusted()
    {
        using var other = new TestCertificates("another-ca");
        var bundle = other.Write("bundle.crt", File.ReadAllText(other.CaFile) + "\n" + File.ReadAllText(shared.Certificates.CaFile));
        var definition = (await shared.EtcdAsync()).Definition("ape", shared.Certificates.Issue("remote"));
        await using var connection = await ConnectAsync(Replace(definition, shared.Certificates.CaFile, bundle));
    }

    [EtcdFact]
    public async Task The_server_certificate_itself_may_be_the_anchor()
    {
        // Go trusts whatever is in the file, whether it is a root or not.
        var etcd = await shared.EtcdAsync();
        var definition = etcd.Definition("ape", shared.Certificates.Issue("remote"));
        await using var connection = await ConnectAsync(Replace(definition, shared.Certificates.CaFile, etcd.ServerCertFile!));
    }

    [EtcdFact]
    public async Task Without_a_client_certificate_the_configuration_is_told_what_is_missing()
    {
        var e = await FailAsync((await shared.EtcdAsync()).Definition());
        Assert.Equal(SourcePhase.Tls, e.Phase);
        Assert.Contains("it requires a client certificate: set cert-file and key-file in ape.yaml", e.Message, StringComparison.Ordinal);
    }

    [EtcdFact]
    public async Task A_client_certificate_of_another_authority_is_refused_by_the_server()
    {
        using var other = new TestCertificates("another-ca");
        var certificate = other.Issue("remote");
        var e = await FailAsync((await shared.EtcdAsync()).Definition("ape", certificate));
        Assert.Equal(SourcePhase.Tls, e.Phase);
        Assert.Contains($"it did not accept the client certificate {certificate.CertFile}", e.Message, StringComparison.Ordinal);
    }

    [EtcdFact]
    public async Task A_certificate_for_another_name_is_refused_and_an_alias_helps()
    {
        var etcd = await shared.EtcdAsync();
        var definition = etcd.Definition("ape", shared.Certificates.Issue("remote"));
        const string Aliases = "\ncilium-host-aliases: [{hostname: wrong.example, ips: [127.0.0.1]}, {hostname: etcd.mesh.example, ips: [127.0.0.9, 127.0.0.1]}]\n";

        var e = await FailAsync(definition with { ConfigText = definition.ConfigText + Aliases }, "127.0.0.1:", "wrong.example:");
        Assert.Equal(SourcePhase.Tls, e.Phase);
        Assert.Contains("its certificate is not for 'wrong.example' but for localhost, etcd.mesh.example, 127.0.0.1", e.Message, StringComparison.Ordinal);

        await using var connection = await ConnectAsync(
            Replace(definition with { ConfigText = definition.ConfigText + Aliases }, "127.0.0.1:", "etcd.mesh.example:"));
        Assert.Equal($"https://etcd.mesh.example:{etcd.Port}", connection.Endpoint);
    }

    [EtcdFact]
    public async Task Verification_can_be_switched_off()
    {
        using var other = new TestCertificates("another-ca");
        var definition = (await shared.EtcdAsync()).Definition("ape", shared.Certificates.Issue("remote"), "insecure-skip-tls-verify: true");
        await using var connection = await ConnectAsync(Replace(definition, shared.Certificates.CaFile, other.CaFile));
    }

    [EtcdFact]
    public async Task TLS_to_an_etcd_without_it_and_the_reverse_say_which_scheme_to_write()
    {
        await using var plain = await EtcdProcess.StartAsync();
        var e = await FailAsync(plain.Definition(), "http://", "https://");
        Assert.Equal(SourcePhase.Tls, e.Phase);
        Assert.Contains("does not answer as a TLS server: write http://", e.Message, StringComparison.Ordinal);

        var reverse = await FailAsync(new SourceDefinition(
            plain.Definition().Cluster, SourceRole.Remote, "ape.yaml", $"endpoints: ['http://127.0.0.1:{(await shared.EtcdAsync()).Port}']"));
        Assert.Equal(SourcePhase.Protocol, reverse.Phase);
        Assert.Contains("write https://", reverse.Message, StringComparison.Ordinal);
    }

    [EtcdFact]
    public async Task A_rotated_client_certificate_counts_from_the_next_connection_on()
    {
        using var other = new TestCertificates("another-ca");
        var wrong = other.Issue("remote");
        var definition = (await shared.EtcdAsync()).Definition("ape", wrong);
        Assert.Equal(SourcePhase.Tls, (await FailAsync(definition)).Phase);

        var right = shared.Certificates.Issue("remote");
        File.Copy(right.CertFile, wrong.CertFile, overwrite: true);
        File.Copy(right.KeyFile, wrong.KeyFile, overwrite: true);
        await using var connection = await ConnectAsync(definition);
    }

    private static SourceDefinition Replace(SourceDefinition definition, string what, string by)
    {
        Assert.Contains(what, definition.ConfigText, StringComparison.Ordinal);
        return definition with { ConfigText = definition.ConfigText.Replace(what, by, StringComparison.Ordinal) };
    }

    private static Task<ISourceConnection> ConnectAsync(SourceDefinition definition) => RealEtcd.NewConnector().ConnectAsync(definition, Limit);

    private static Task<SourceException> FailAsync(SourceDefinition definition, string what = "endpoints", string by = "endpoints") =>
        Assert.ThrowsAsync<SourceException>(() => ConnectAsync(Replace(definition, what, by)));

    public sealed class SharedEtcd : IAsyncLifetime
    {
        private EtcdProcess? _etcd;

        public TestCertificates Certificates { get; } = new();

        public async Task<EtcdProcess> EtcdAsync() => _etcd ??= await EtcdProcess.StartAsync(
            new EtcdProcessOptions { Tls = Certificates, ServerNames = ["etcd.mesh.example"] });

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync()
        {
            await (_etcd?.DisposeAsync() ?? ValueTask.CompletedTask);
            Certificates.Dispose();
        }
    }
}
