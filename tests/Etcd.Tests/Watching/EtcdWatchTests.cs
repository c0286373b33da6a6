using System.Globalization;
using System.Text;
using Google.Protobuf;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Etcd.Tests.Watching;

/// <summary>What a watch of a real etcd promises, on an etcd of its own that no other test disturbs.</summary>
public sealed class EtcdWatchTests : IAsyncLifetime
{
    private static readonly SourceRange[] Ranges =
        [SourceRange.Prefix("a/"), SourceRange.Exactly("config"), SourceRange.Prefix("synced/"), SourceRange.Exactly("heartbeat")];

    private readonly CancellationToken _limit = new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;
    private RealEtcd _etcd = null!;
    private ISourceConnection _connection = null!;

    public async Task InitializeAsync()
    {
        if (EtcdBinary.SkipReason is null)
        {
            _etcd = await RealEtcd.StartAsync(new EtcdProcessOptions { ProgressInterval = TimeSpan.FromMilliseconds(250) });
            _connection = await _etcd.ConnectAsync(_limit);
        }
    }

    public async Task DisposeAsync()
    {
        if (EtcdBinary.SkipReason is null)
        {
            await _connection.DisposeAsync();
            await _etcd.DisposeAsync();
        }
    }

    [EtcdFact]
    public async Task Several_ranges_are_one_stream_and_nothing_is_left_of_it_afterwards()
    {
        var before = _etcd.Process.CountConnections();
        for (var round = 0; round < 3; round++)
        {
            await using var connection = await _etcd.ConnectAsync(_limit);
            var watch = await connection.WatchAsync(Ranges, 1, _limit);
            Assert.Equal((1, Ranges.Length), await CountAsync());
            Assert.Equal(before + 1, _etcd.Process.CountConnections());
            await watch.DisposeAsync();
            await UntilAsync(async () => await CountAsync() == (0, 0), "the stream is closed, the connection open");
            await connection.WatchAsync(Ranges, 1, _limit);
        }

        await UntilAsync(async () => await CountAsync() == (0, 0), "an undisposed watch goes with its connection");
        await UntilAsync(() => Task.FromResult(_etcd.Process.CountConnections() == before), "the connections are closed");
    }

    [EtcdFact]
    public async Task A_refused_range_leaves_no_stream_behind()
    {
        await Assert.ThrowsAsync<SourceException>(() => _connection.WatchAsync([Ranges[0], new SourceRange("b", "a")], 1_000, _limit));
        await UntilAsync(async () => await CountAsync() == (0, 0), "the stream is closed");
    }

    [EtcdFact]
    public async Task A_backlog_never_claims_the_revision_of_its_header()
    {
        // 2,500 revisions come in three responses of which each one's header is at the end.
        var start = await _etcd.Writer.PutAsync("a/k", "start");
        for (var i = 0; i < 2_500; i += 50)
        {
            await Task.WhenAll(Enumerable.Range(i, 50).Select(k => _etcd.Writer.PutAsync($"a/{k:d5}", "x")));
        }

        await _etcd.Writer.PutAsync("config", "last");
        await using var watch = await _connection.WatchAsync(Ranges, start + 1, _limit);
        var responses = 0;
        var next = start + 1;
        while (next <= start + 2_500)
        {
            var batch = await watch.ReadAsync(_limit);
            Assert.True(batch.Events.Count > 0 || batch.Revision < next, "freshness is claimed only after everything came");
            if (batch.Events.Count == 0 || batch.Events[0].Key == "config")
            {
                continue;
            }

            Assert.Equal(Enumerable.Range(0, batch.Events.Count).Select(i => next + i), batch.Events.Select(e => e.ModRevision));
            Assert.Equal(batch.Events[^1].ModRevision, batch.Revision);
            next = batch.Revision + 1;
            responses++;
        }

        Assert.InRange(responses, 2, 100);
    }

    [EtcdFact]
    public async Task A_quiet_watch_proves_its_freshness_for_all_ranges()
    {
        var start = await _etcd.Writer.PutAsync("a/k", "x");
        await using var watch = await _connection.WatchAsync(Ranges, start + 1, _limit);
        var elsewhere = await _etcd.Writer.PutAsync("elsewhere", "x");
        var batch = await watch.ReadAsync(_limit);
        while (batch.Revision < elsewhere)
        {
            Assert.Empty(batch.Events);
            batch = await watch.ReadAsync(_limit);
        }

        Assert.Equal((0, elsewhere), (batch.Events.Count, batch.Revision));
    }

    [EtcdFact]
    public async Task A_slow_reader_gets_every_range_complete_and_in_order()
    {
        var value = new string('x', 20_000);
        var start = await _etcd.Writer.PutAsync("a/k", "x");
        await using var watch = await _connection.WatchAsync(Ranges, start + 1, _limit);

        // 60 MB in single puts: more than HTTP/2's window and etcd's buffer hold, so that ranges overtake each other.
        var expected = 0;
        for (var round = 0; round < 15; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 200).Select(i => _etcd.Writer.PutAsync($"a/{i}", value)));
            await _etcd.Writer.PutAsync("config", "x");
            await _etcd.Writer.PutAsync("heartbeat", "x");
            expected += 202;
        }

        var last = new Dictionary<string, long>();
        for (var seen = 0; seen < expected;)
        {
            var batch = await watch.ReadAsync(_limit);
            if (batch.Events.Count == 0)
            {
                Assert.All(last.Values, revision => Assert.True(revision <= batch.Revision));
                Assert.True(seen == expected || batch.Revision < start + expected, "freshness is claimed only after everything came");
                continue;
            }

            var range = Assert.Single(batch.Events.Select(e => e.Key.Split('/')[0]).Distinct());
            Assert.True(batch.Events[0].ModRevision > last.GetValueOrDefault(range, start));
            Assert.Equal(batch.Events.Select(e => e.ModRevision).Order(), batch.Events.Select(e => e.ModRevision));
            last[range] = batch.Revision;
            seen += batch.Events.Count;
        }

        Assert.Equal(start + expected, last.Values.Max());
    }

    [EtcdFact]
    public async Task A_compaction_that_overtakes_the_start_is_told()
    {
        var old = await _etcd.Writer.PutAsync("a/k", "1");
        await _etcd.Writer.CompactAsync(await _etcd.Writer.PutAsync("a/k", "2"));
        var e = await Assert.ThrowsAsync<SourceException>(async () =>
        {
            await using var watch = await _connection.WatchAsync(Ranges, old, _limit);
            while (true)
            {
                await watch.ReadAsync(_limit);
            }
        });
        Assert.Equal((SourcePhase.Watch, true), (e.Phase, e.IsCompacted));
    }

    [EtcdFact]
    public async Task A_start_beyond_the_present_is_another_history()
    {
        var now = await _etcd.Writer.PutAsync("a/k", "1");
        await using (await _connection.WatchAsync(Ranges, now + 1, _limit))
        {
            var e = await Assert.ThrowsAsync<SourceException>(() => _connection.WatchAsync(Ranges, now + 2, _limit));
            Assert.Equal(SourcePhase.Protocol, e.Phase);
            Assert.Contains("it was restored or replaced", e.Message, StringComparison.Ordinal);
        }
    }

    [EtcdFact]
    public async Task A_cancelled_read_leaves_the_watch_usable()
    {
        var start = await _etcd.Writer.PutAsync("a/k", "1");
        await using var watch = await _connection.WatchAsync([Ranges[0]], start + 1, _limit);
        for (var i = 0; i < 20; i++)
        {
            using var cancel = new CancellationTokenSource();
            var read = watch.ReadAsync(cancel.Token);
            var put = _etcd.Writer.PutAsync("a/k", i.ToString(CultureInfo.InvariantCulture));
            await cancel.CancelAsync();
            await put;
            try
            {
                Assert.Equal(i, Number(await read));
            }
            catch (OperationCanceledException)
            {
                Assert.Equal(i, Number(await watch.ReadAsync(_limit)));
            }
        }

        static int Number(SourceBatch batch) =>
            int.Parse(Encoding.UTF8.GetString(Assert.Single(batch.Events).Value!), CultureInfo.InvariantCulture);
    }

    [EtcdFact]
    public async Task Keys_that_are_no_text_are_left_out_and_the_rest_arrives()
    {
        var start = await _etcd.Writer.PutAsync("a/k", "1");
        await using var watch = await _connection.WatchAsync([Ranges[0]], start + 1, _limit);
        var bad = ByteString.CopyFrom([.. "a/"u8, 0xff, 0xfe]);
        var value = ByteString.CopyFromUtf8("x");
        await _etcd.Writer.WriteBytesAsync([(bad, value)]);
        await _etcd.Writer.WriteBytesAsync([(bad, null), (ByteString.CopyFromUtf8("a/good"), value)]);
        var batch = await watch.ReadAsync(_limit);
        while (batch.Events.Count == 0)
        {
            batch = await watch.ReadAsync(_limit);
        }

        Assert.Equal("a/good", Assert.Single(batch.Events).Key);
    }

    [EtcdFact]
    public async Task After_disposal_every_call_says_that_the_connection_is_closed()
    {
        var watch = await _connection.WatchAsync(Ranges, 1, _limit);
        var read = watch.ReadAsync(_limit);
        await _connection.DisposeAsync();
        await Assert.ThrowsAsync<SourceException>(() => read);
        await Assert.ThrowsAsync<SourceException>(() => watch.ReadAsync(_limit));
        await Assert.ThrowsAsync<SourceException>(() => _connection.ReadAsync("k", _limit));
        await Assert.ThrowsAsync<SourceException>(() => _connection.ListAsync(Ranges[0], null, 0, _limit));
        await Assert.ThrowsAsync<SourceException>(() => _connection.WatchAsync(Ranges, 1, _limit));
        await watch.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static async Task UntilAsync(Func<Task<bool>> state, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!await state())
        {
            Assert.False(limit.IsCancellationRequested, what);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task<(long Streams, long Watches)> CountAsync() =>
        (await _etcd.Process.CountWatchStreamsAsync(), await _etcd.Process.CountWatchesAsync());
}
