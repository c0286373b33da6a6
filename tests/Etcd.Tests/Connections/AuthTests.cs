using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Etcd.Tests.Connections;

/// <summary>As Cilium's user <c>remote</c>, by certificate and by password: what may be read, and what each refusal names.</summary>
public sealed class AuthTests(AuthTests.SharedEtcd shared) : IClassFixture<AuthTests.SharedEtcd>
{
    private const string Password = "s3cr3t-pa55";

    private static readonly SourceRange[] Permitted =
    [
        SourceRange.Prefix("cilium/state/"), SourceRange.Exactly("cilium/cluster-config/ape"),
        SourceRange.Prefix("cilium/synced/ape/"), SourceRange.Exactly("cilium/.heartbeat"),
    ];

    private static readonly CancellationToken Limit = new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    [EtcdFact]
    public async Task The_user_remote_reads_lists_and_watches_what_Cilium_grants()
    {
        var (etcd, writer) = await shared.EtcdAsync();
        await using var connection = await RealEtcd.NewConnector().ConnectAsync(etcd.Definition("ape", shared.Certificates.Issue("remote")), Limit);
        var read = await connection.ReadAsync("cilium/cluster-config/ape", Limit);
        Assert.Equal("{}", System.Text.Encoding.UTF8.GetString(read.Entry!.Value.Value));
        Assert.Single((await connection.ListAsync(Permitted[0], null, 0, Limit)).Entries);

        await using var watch = await connection.WatchAsync(Permitted, read.Revision + 1, Limit);
        await writer.PutAsync("cilium/synced/ape/x", "1");
        Assert.Equal("cilium/synced/ape/x", Assert.Single((await watch.ReadAsync(Limit)).Events).Key);
    }

    [EtcdTheory]
    [InlineData("cilium/synced/ape", "cilium/synced/apf")]
    [InlineData("cilium/cluster-config/", "cilium/cluster-config0")]
    [InlineData("cilium/cache/", "cilium/cache0")]
    public async Task A_forbidden_range_is_named(string start, string end)
    {
        var (etcd, _) = await shared.EtcdAsync();
        await using var connection = await RealEtcd.NewConnector().ConnectAsync(etcd.Definition("ape", shared.Certificates.Issue("remote")), Limit);
        var forbidden = new SourceRange(start, end);
        var expected = $"does not permit to read keys '{start}' to '{end}'";

        var list = await Assert.ThrowsAsync<SourceException>(() => connection.ListAsync(forbidden, null, 0, Limit));
        Assert.Equal(SourcePhase.Auth, list.Phase);
        Assert.Contains(expected, list.Message, StringComparison.Ordinal);

        var watch = await Assert.ThrowsAsync<SourceException>(() => connection.WatchAsync([Permitted[0], forbidden, Permitted[1]], 1, Limit));
        Assert.Equal(SourcePhase.Auth, watch.Phase);
        Assert.Contains(expected, watch.Message, StringComparison.Ordinal);

        // The connection survives the refusal.
        Assert.Single((await connection.ListAsync(Permitted[0], null, 0, Limit)).Entries);
    }

    [EtcdFact]
    public async Task A_certificate_of_nobody_known_may_not_even_read_the_heartbeat()
    {
        var (etcd, _) = await shared.EtcdAsync();
        var e = await Assert.ThrowsAsync<SourceException>(() =>
            RealEtcd.NewConnector().ConnectAsync(etcd.Definition("ape", shared.Certificates.Issue("stranger")), Limit));
        Assert.Equal(SourcePhase.Auth, e.Phase);
        Assert.Contains("does not permit to read key 'cilium/.heartbeat'", e.Message, StringComparison.Ordinal);
    }

    [EtcdFact]
    public async Task A_user_with_a_password_reads_lists_and_watches()
    {
        var (etcd, writer) = await shared.EtcdAsync();
        var definition = etcd.Definition("ape", shared.Certificates.Issue("stranger"), $"username: mesh\npassword: {Password}");
        await using var connection = await RealEtcd.NewConnector().ConnectAsync(definition, Limit);
        var page = await connection.ListAsync(Permitted[0], null, 0, Limit);
        Assert.Single(page.Entries);
        await using var watch = await connection.WatchAsync(Permitted, page.Revision + 1, Limit);
        await writer.PutAsync("cilium/.heartbeat", "1");
        Assert.Equal("cilium/.heartbeat", (await watch.ReadAsync(Limit)).Events[^1].Key);
    }

    [EtcdFact]
    public async Task Replaced_files_leave_a_healthy_watch_alone_and_count_for_the_next_connection()
    {
        var (etcd, writer) = await shared.EtcdAsync();
        var files = shared.Certificates.Issue("remote");
        var definition = etcd.Definition("ape", files);
        await using var connection = await RealEtcd.NewConnector().ConnectAsync(definition, Limit);
        var read = await connection.ReadAsync("cilium/cluster-config/ape", Limit);
        await using var watch = await connection.WatchAsync(Permitted, read.Revision + 1, Limit);

        // Of nobody, and ended: worse than any rotation.
        var next = shared.Certificates.Issue("stranger", TimeSpan.FromMinutes(-5));
        File.Copy(next.CertFile, files.CertFile, overwrite: true);
        File.Copy(next.KeyFile, files.KeyFile, overwrite: true);

        await writer.PutAsync("cilium/state/nodes/v1/ape/n1", "{}");
        Assert.Equal("cilium/state/nodes/v1/ape/n1", Assert.Single((await watch.ReadAsync(Limit)).Events).Key);
        Assert.Single((await connection.ListAsync(Permitted[0], null, 0, Limit)).Entries);
        var refused = await Assert.ThrowsAsync<SourceException>(() => RealEtcd.NewConnector().ConnectAsync(definition, Limit));
        Assert.Equal(SourcePhase.Tls, refused.Phase);
    }

    [EtcdFact]
    public async Task A_token_that_has_expired_is_renewed()
    {
        // Any change of users makes every token old.
        var (etcd, writer) = await shared.EtcdAsync();
        var definition = etcd.Definition("ape", shared.Certificates.Issue("stranger"), $"username: mesh\npassword: {Password}");
        await using var connection = await RealEtcd.NewConnector().ConnectAsync(definition, Limit);
        await writer.AddUserAsync($"user-{Guid.NewGuid():n}");
        Assert.Single((await connection.ListAsync(Permitted[0], null, 0, Limit)).Entries);
        await writer.AddUserAsync($"user-{Guid.NewGuid():n}");
        await using var watch = await connection.WatchAsync(Permitted, 1, Limit);
    }

    [EtcdFact]
    public async Task A_wrong_password_is_told_without_telling_it()
    {
        var (etcd, _) = await shared.EtcdAsync();
        var definition = etcd.Definition("ape", shared.Certificates.Issue("remote"), "username: mesh\npassword: not-the-pa55");
        var e = await Assert.ThrowsAsync<SourceException>(() => RealEtcd.NewConnector().ConnectAsync(definition, Limit));
        Assert.Equal(SourcePhase.Auth, e.Phase);
        Assert.Contains("check username and password", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-pa55", e.ToString(), StringComparison.Ordinal);
    }

    [EtcdFact]
    public async Task A_password_for_an_etcd_without_authentication_is_not_needed_and_no_harm()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        await using var connection = await RealEtcd.NewConnector().ConnectAsync(
            etcd.Definition("ape", null, $"username: mesh\npassword: {Password}"), Limit);
        Assert.Empty((await connection.ListAsync(Permitted[0], null, 0, Limit)).Entries);
    }

    public sealed class SharedEtcd : IAsyncLifetime
    {
        private EtcdProcess? _etcd;
        private EtcdWriter? _writer;

        public TestCertificates Certificates { get; } = new();

        public async Task<(EtcdProcess Etcd, EtcdWriter Writer)> EtcdAsync()
        {
            if (_etcd is null || _writer is null)
            {
                _etcd = await EtcdProcess.StartAsync(new EtcdProcessOptions { Tls = Certificates });
                _writer = _etcd.Writer();
                await _writer.PutAsync("cilium/state/nodes/v1/ape/n1", "{}");
                await _writer.PutAsync("cilium/cluster-config/ape", "{}");
                await _writer.EnableAuthAsync("ape", Password);
            }

            return (_etcd, _writer);
        }

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync()
        {
            _writer?.Dispose();
            await (_etcd?.DisposeAsync() ?? ValueTask.CompletedTask);
            Certificates.Dispose();
        }
    }
}
