using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using KvStoreMesh.Protos.V1;
using KvStoreMesh.Replicator.Hosting;
using KvStoreMesh.Replicator.Options;
using KvStoreMesh.TestSupport.Etcd;
using Microsoft.Extensions.Time.Testing;

namespace KvStoreMesh.Replicator.Tests.Fanout;

public sealed class StreamTlsTests : IAsyncLifetime, IDisposable
{
    private readonly TestCertificates _ours = new();
    private readonly TestCertificates _others = new("other-ca");
    private StreamServer _server = null!;

    public async Task InitializeAsync()
    {
        var (cert, key) = _ours.Issue("daemon", null, "127.0.0.1");
        _server = await StreamServer.StartAsync(tls: new StreamTlsOptions(cert, key, _ours.CaFile));
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        _ours.Dispose();
        _others.Dispose();
    }

    [Fact]
    public async Task An_agent_with_a_certificate_of_the_ca_is_served()
    {
        var (cert, key) = _ours.Issue("agent");
        await using var client = StreamClient.Open(_server.Address, tls: Trusting(cert, key));
        await client.SendAsync(new ClientFrame { Hello = StreamClient.NewHello("agent") });
        Assert.NotNull((await client.ReadAsync())?.HelloReply);
    }

    [Fact]
    public async Task An_agent_with_a_certificate_of_another_ca_is_refused()
    {
        var (cert, key) = _others.Issue("agent");
        await using var client = StreamClient.Open(_server.Address, tls: Trusting(cert, key));
        Assert.NotEqual(StatusCode.OK, (await client.EndAsync()).StatusCode);
        Assert.Empty(_server.Registry.Sessions);
    }

    [Fact]
    public async Task An_agent_without_a_certificate_is_refused()
    {
        await using var client = StreamClient.Open(_server.Address, tls: Trusting(null, null));
        Assert.NotEqual(StatusCode.OK, (await client.EndAsync()).StatusCode);
        Assert.Empty(_server.Registry.Sessions);
    }

    [Fact]
    public void A_file_that_is_not_what_its_option_says_is_named()
    {
        var (cert, key) = _ours.Issue("daemon");
        var (_, foreignKey) = _others.Issue("daemon");
        var garbage = _ours.Write("garbage.pem", "no certificate");

        AssertRefused("--tls-key-file", new StreamTlsOptions(cert, foreignKey, _ours.CaFile));
        AssertRefused("--tls-cert-file", new StreamTlsOptions(garbage, key, _ours.CaFile));
        AssertRefused("--tls-client-ca-file", new StreamTlsOptions(cert, key, garbage));
    }

    [Fact]
    public void A_renewed_certificate_is_used_without_a_restart_and_a_broken_one_is_not()
    {
        var (cert, key) = _ours.Issue("daemon", null, "127.0.0.1");
        var time = new FakeTimeProvider();
        var certificates = new StreamCertificates(new StreamTlsOptions(cert, key, _ours.CaFile), time);
        var failures = new List<string>();
        certificates.OnReloadFailed = failures.Add;
        var first = Serial();

        var (renewed, renewedKey) = _ours.Issue("daemon", null, "127.0.0.1");
        Replace(cert, File.ReadAllText(renewed), minutes: 1);
        Assert.Equal(first, Serial());
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(first, Serial());
        Assert.Contains("--tls-key-file", Assert.Single(failures), StringComparison.Ordinal);

        Replace(key, File.ReadAllText(renewedKey), minutes: 2);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotEqual(first, Serial());
        Assert.Single(failures);

        string Serial() => certificates.ForHandshake().ServerCertificateContext!.TargetCertificate.SerialNumber;
    }

    private static void Replace(string path, string text, int minutes)
    {
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, new DateTime(2040, 1, 1, 0, minutes, 0, DateTimeKind.Utc));
    }

    private static void AssertRefused(string option, StreamTlsOptions options) => Assert.StartsWith(
        option + ":", Assert.Throws<OptionException>(() => new StreamCertificates(options, TimeProvider.System)).Message, StringComparison.Ordinal);

    private SslClientAuthenticationOptions Trusting(string? certFile, string? keyFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(_ours.CaFile);
        var options = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        if (certFile is not null)
        {
            options.ClientCertificates = [X509Certificate2.CreateFromPemFile(certFile, keyFile)];
        }

        return options;
    }
}
