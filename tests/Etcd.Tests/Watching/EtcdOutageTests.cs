using System.Diagnostics;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Etcd.Tests.Watching;

/// <summary>An etcd that dies, freezes or comes back as another one.</summary>
public sealed class EtcdOutageTests
{
    private static readonly SourceRange[] Ranges = [SourceRange.Prefix("a/"), SourceRange.Exactly("b")];

    private readonly CancellationToken _limit = new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    [EtcdFact]
    public async Task A_killed_etcd_ends_the_watch_and_every_later_call()
    {
        await using var etcd = await RealEtcd.StartAsync();
        await using var connection = await etcd.ConnectAsync(_limit);
        await using var watch = await connection.WatchAsync(Ranges, 1, _limit);
        var read = watch.ReadAsync(_limit);
        await etcd.Process.KillAsync();

        var e = await Assert.ThrowsAsync<SourceException>(() => read);
        Assert.Equal((SourcePhase.Watch, false), (e.Phase, e.IsCompacted));
        Assert.Contains($"the connection to {etcd.Process.Url} is lost", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SourceException>(() => watch.ReadAsync(_limit));

        // One connection is one TCP connection: it does not come back with the etcd.
        await etcd.Process.StartAgainAsync();
        Assert.Equal(SourcePhase.List, (await Assert.ThrowsAsync<SourceException>(() => connection.ListAsync(Ranges[0], null, 0, _limit))).Phase);
        await using var next = await etcd.ConnectAsync(_limit);
        Assert.Equal(connection.EtcdClusterId, next.EtcdClusterId);
    }

    [EtcdFact]
    public async Task An_etcd_that_shuts_down_ends_the_watch()
    {
        await using var etcd = await RealEtcd.StartAsync();
        await using var connection = await etcd.ConnectAsync(_limit);
        await using var watch = await connection.WatchAsync(Ranges, 1, _limit);
        var read = watch.ReadAsync(_limit);
        await etcd.Process.StopAsync();
        Assert.Equal(SourcePhase.Watch, (await Assert.ThrowsAsync<SourceException>(() => read)).Phase);
    }

    [EtcdFact]
    public async Task A_frozen_etcd_is_found_by_keep_alive_and_slow_answers_by_their_timeout()
    {
        await using var etcd = await RealEtcd.StartAsync(options: new EtcdSourceOptions
        {
            AnswerTimeout = TimeSpan.FromSeconds(2),
            KeepAliveTime = TimeSpan.FromSeconds(2),
            KeepAliveTimeout = TimeSpan.FromSeconds(2),
        });
        await using var connection = await etcd.ConnectAsync(_limit);
        await using var watch = await connection.WatchAsync(Ranges, 1, _limit);
        var clock = Stopwatch.StartNew();
        await etcd.Process.FreezeAsync();

        var answer = await Assert.ThrowsAsync<SourceException>(() => connection.ReadAsync("b", _limit));
        Assert.Contains("did not answer within 2 s", answer.Message, StringComparison.Ordinal);
        var e = await Assert.ThrowsAsync<SourceException>(() => watch.ReadAsync(_limit));
        Assert.Equal(SourcePhase.Watch, e.Phase);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(15));

        var again = await Assert.ThrowsAsync<SourceException>(() => etcd.ConnectAsync(_limit));
        // Whichever comes first on a busy machine: our own limit, or the call's.
        Assert.Matches("did not answer (as an etcd )?within 2 s", again.Message);
        etcd.Process.Thaw();
        await using var next = await etcd.ConnectAsync(_limit);
    }

    [EtcdFact]
    public async Task A_wiped_etcd_has_the_same_id_and_is_known_by_its_revision()
    {
        await using var etcd = await RealEtcd.StartAsync();
        await using var connection = await etcd.ConnectAsync(_limit);
        for (var i = 0; i < 5; i++)
        {
            await etcd.Writer.PutAsync("a/k", "x");
        }

        var page = await connection.ListAsync(Ranges[0], null, 0, _limit);
        await etcd.Process.KillAsync();
        await etcd.Process.StartAgainAsync(wipe: true);

        await using var next = await etcd.ConnectAsync(_limit);
        Assert.Equal(connection.EtcdClusterId, next.EtcdClusterId);
        Assert.True((await next.ReadAsync("b", _limit)).Revision < page.Revision);
        var watch = await Assert.ThrowsAsync<SourceException>(() => next.WatchAsync(Ranges, page.Revision + 1, _limit));
        Assert.Equal(SourcePhase.Protocol, watch.Phase);
        var list = await Assert.ThrowsAsync<SourceException>(() => next.ListAsync(Ranges[0], null, page.Revision, _limit));
        Assert.Equal((SourcePhase.Protocol, false), (list.Phase, list.IsCompacted));
    }

    [EtcdFact]
    public async Task Another_etcd_behind_the_same_connection_is_refused_with_both_ids()
    {
        await using var first = await RealEtcd.StartAsync(new EtcdProcessOptions { ClusterToken = "one" });
        await using var second = await RealEtcd.StartAsync(new EtcdProcessOptions { ClusterToken = "two" });
        await using var balancer = await SwitchingProxy.StartAsync(first.Process.Port);
        var definition = first.Definition with { ConfigText = $"endpoints: ['http://127.0.0.1:{balancer.Port}']" };
        await using var connection = await first.Connector.ConnectAsync(definition, _limit);
        await using var other = await second.ConnectAsync(_limit);

        balancer.SwitchTo(second.Process.Port);
        var read = await Assert.ThrowsAsync<SourceException>(() => connection.ReadAsync("b", _limit));
        Assert.Equal(SourcePhase.Protocol, read.Phase);
        Assert.Contains(
            $"expected {connection.EtcdClusterId:x}, got {other.EtcdClusterId:x}", read.Message, StringComparison.Ordinal);
        var watch = await Assert.ThrowsAsync<SourceException>(() => connection.WatchAsync(Ranges, 1, _limit));
        Assert.Equal(SourcePhase.Protocol, watch.Phase);
    }
}
