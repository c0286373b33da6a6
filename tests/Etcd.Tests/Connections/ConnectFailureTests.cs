using System.Diagnostics;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Etcd.Tests.Connections;

/// <summary>Every way not to reach an etcd has its own phase and a line that says what to do.</summary>
public sealed class ConnectFailureTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_refused_port_is_named()
    {
        var port = EtcdProcess.FreePorts(1)[0];
        var e = await FailAsync($"http://127.0.0.1:{port}");
        Assert.Equal(SourcePhase.Tcp, e.Phase);
        Assert.StartsWith($"connection refused by 127.0.0.1:{port}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_host_is_named()
    {
        var e = await FailAsync("http://no-such-host.invalid:2379");
        Assert.Equal(SourcePhase.NameResolution, e.Phase);
        Assert.StartsWith("cannot resolve host no-such-host.invalid", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http", SourcePhase.Protocol)]
    [InlineData("https", SourcePhase.Tls)]
    public async Task A_peer_that_never_answers_fails_in_bounded_time(string scheme, SourcePhase phase)
    {
        await using var peer = FakePeer.Silent();
        var clock = Stopwatch.StartNew();
        var e = await FailAsync($"{scheme}://127.0.0.1:{peer.Port}", new EtcdSourceOptions { AnswerTimeout = Limit });
        Assert.Equal(phase, e.Phase);
        Assert.Contains("accepted the connection but did not", e.Message, StringComparison.Ordinal);
        Assert.Contains("within 1 s", e.Message, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed, Limit * 0.9, Limit * 5);
    }

    [Fact]
    public async Task A_cancelled_connect_is_cancelled_and_no_failure()
    {
        await using var peer = FakePeer.Silent();
        using var cancel = new CancellationTokenSource();
        var connect = RealEtcd.NewConnector().ConnectAsync(Definition($"http://127.0.0.1:{peer.Port}"), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connect);
    }

    [Fact]
    public async Task A_server_of_HTTP_1_is_not_an_etcd()
    {
        await using var peer = FakePeer.Http1();
        var e = await FailAsync($"http://127.0.0.1:{peer.Port}");
        Assert.Equal(SourcePhase.Protocol, e.Phase);
        Assert.Contains("does not speak gRPC over HTTP/2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_hangs_up_is_not_an_etcd()
    {
        await using var peer = FakePeer.HangsUp();
        Assert.Equal(SourcePhase.Protocol, (await FailAsync($"http://127.0.0.1:{peer.Port}")).Phase);
        Assert.Equal(SourcePhase.Tls, (await FailAsync($"https://127.0.0.1:{peer.Port}")).Phase);
    }

    [Fact]
    public async Task Of_several_endpoints_each_failure_is_told_and_the_furthest_counts()
    {
        await using var peer = FakePeer.Http1();
        var port = EtcdProcess.FreePorts(1)[0];
        var e = await FailAsync($"http://127.0.0.1:{port}\n- http://no-such-host.invalid:1\n- http://127.0.0.1:{peer.Port}");
        Assert.Equal(SourcePhase.Protocol, e.Phase);
        Assert.StartsWith("none of 3 endpoints answers: ", e.Message, StringComparison.Ordinal);
        Assert.Contains($"connection refused by 127.0.0.1:{port}", e.Message, StringComparison.Ordinal);
        Assert.Contains("cannot resolve host no-such-host.invalid", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [EtcdFact]
    public async Task The_metrics_port_of_an_etcd_is_not_its_client_port()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        var e = await FailAsync(etcd.MetricsUrl);
        Assert.Equal(SourcePhase.Protocol, e.Phase);
        Assert.Contains("does not speak gRPC over HTTP/2", e.Message, StringComparison.Ordinal);
    }

    [EtcdFact]
    public async Task A_dead_endpoint_beside_a_living_one_does_no_harm()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        var dead = EtcdProcess.FreePorts(1)[0];
        for (var seed = 0; seed < 4; seed++)
        {
            var connector = new EtcdSourceConnector(
                new EtcdSourceOptions(), TimeProvider.System, new Random(seed),
                Microsoft.Extensions.Logging.Abstractions.NullLogger<EtcdSourceConnector>.Instance);
            await using var connection = await connector.ConnectAsync(
                Definition($"http://127.0.0.1:{dead}\n- {etcd.Url}"), CancellationToken.None);
            Assert.Equal(etcd.Url, connection.Endpoint);
        }
    }

    private static SourceDefinition Definition(string endpoints) =>
        new(ClusterName.Parse("ape"), SourceRole.Remote, "ape.yaml", $"endpoints:\n- {endpoints}\n");

    private static Task<SourceException> FailAsync(string endpoints, EtcdSourceOptions? options = null) =>
        Assert.ThrowsAsync<SourceException>(() => RealEtcd.NewConnector(options).ConnectAsync(Definition(endpoints), CancellationToken.None));
}
