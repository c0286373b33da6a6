using System.Globalization;
using System.Text;
using KvStoreMesh.Core.Sources;
using Xunit;

namespace KvStoreMesh.TestSupport.Sources;

/// <summary>
/// What every <see cref="ISourceConnection"/> promises: run against the fake and against a real etcd. Tests keep to
/// keys of their own, so that they may share one etcd, one test at a time.
/// </summary>
public abstract class SourceConnectionContract : IAsyncLifetime
{
    // The whole of a test, the start of the source included.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string _root = $"contract/{Guid.NewGuid():n}/";
    private readonly CancellationToken _timeout = new CancellationTokenSource(Patience).Token;
    private ISourceUnderTest _source = null!;
    private ISourceConnection _connection = null!;

    private SourceRange Mine => SourceRange.Prefix(_root);

    public async Task InitializeAsync()
    {
        _source = await StartAsync();
        _connection = await _source.Connector.ConnectAsync(_source.Definition, _timeout);
    }

    public async Task DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        if (_source is not null)
        {
            await _source.DisposeAsync();
        }
    }

    [Fact]
    public async Task Connecting_learns_the_cluster_id_and_the_endpoint()
    {
        Assert.NotEqual(0UL, _connection.EtcdClusterId);
        Assert.NotEqual(string.Empty, _connection.Endpoint);
        await using var second = await _source.Connector.ConnectAsync(_source.Definition, _timeout);
        Assert.Equal(_connection.EtcdClusterId, second.EtcdClusterId);
    }

    [Fact]
    public async Task A_read_returns_the_key_with_its_revisions_and_the_revision_of_the_source()
    {
        var created = await PutAsync("k", "one");
        var changed = await PutAsync("k", "two");
        var last = await PutAsync("other", "x");

        var read = await _connection.ReadAsync(_root + "k", _timeout);

        Assert.Equal(last, read.Revision);
        Assert.NotNull(read.Entry);
        Assert.Equal((_root + "k", "two", changed, created), Text(read.Entry.Value));
    }

    [Fact]
    public async Task A_read_of_an_absent_key_still_tells_the_revision_of_the_source()
    {
        var last = await PutAsync("other", "x");
        var read = await _connection.ReadAsync(_root + "absent", _timeout);
        Assert.Null(read.Entry);
        Assert.Equal(last, read.Revision);
    }

    [Fact]
    public async Task Pages_concatenate_to_the_whole_in_the_order_of_keys()
    {
        var names = Enumerable.Range(0, 100).Select(i => i.ToString("d3", CultureInfo.InvariantCulture)).ToList();
        await _source.WriteAsync([.. names.Select(name => SourceWrite.Put(_root + name, name))]);

        var entries = await ListAsync(Mine, 0);

        Assert.Equal(names, entries.Select(entry => entry.Key[_root.Length..]));
        Assert.All(entries, entry => Assert.Equal(entry.Key[_root.Length..], Encoding.UTF8.GetString(entry.Value)));
    }

    [Fact]
    public async Task An_empty_range_is_one_empty_page()
    {
        var last = await PutAsync("a", "x");
        var page = await _connection.ListAsync(SourceRange.Prefix(_root + "nothing/"), null, 0, _timeout);
        Assert.Empty(page.Entries);
        Assert.Null(page.NextKey);
        Assert.Equal(last, page.Revision);
    }

    [Fact]
    public async Task A_list_stays_at_its_revision_while_writes_go_on()
    {
        for (var i = 0; i < 50; i++)
        {
            await PutAsync($"k{i:d2}", "before");
        }

        var first = await _connection.ListAsync(Mine, null, 0, _timeout);
        var entries = first.Entries.ToList();
        await _source.WriteAsync(
            SourceWrite.Put(_root + "k48", "after"), SourceWrite.Delete(_root + "k49"), SourceWrite.Put(_root + "k50", "new"));

        for (var next = first.NextKey; next is not null;)
        {
            var page = await _connection.ListAsync(Mine, next, first.Revision, _timeout);
            Assert.Equal(first.Revision, page.Revision);
            entries.AddRange(page.Entries);
            next = page.NextKey;
        }

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{_root}k{i:d2}"), entries.Select(entry => entry.Key));
        Assert.All(entries, entry => Assert.Equal("before", Encoding.UTF8.GetString(entry.Value)));
        Assert.Equal(entries.Select(Text), (await ListAsync(Mine, first.Revision)).Select(Text));
    }

    [Fact]
    public async Task A_range_ends_where_it_says()
    {
        foreach (var key in new[] { "foo", "foo/", "foo/a", "foo/\u00ff", "foo0", "foobar/a", "fo/a" })
        {
            await PutAsync(key, key);
        }

        var range = SourceRange.Prefix(_root + "foo/");
        Assert.Equal(["foo/", "foo/a", "foo/\u00ff"], (await ListAsync(range, 0)).Select(entry => entry.Key[_root.Length..]));
        Assert.Equal(["foo"], (await ListAsync(SourceRange.Exactly(_root + "foo"), 0)).Select(entry => entry.Key[_root.Length..]));

        var start = await PutAsync("start", "x");
        await using var watch = await _connection.WatchAsync([range], start + 1, _timeout);
        await PutAsync("foobar/a", "2");
        await PutAsync("foo0", "2");
        await PutAsync("foo", "2");
        await PutAsync("foo/last", "2");
        Assert.Equal(["foo/last"], (await EventsAsync(watch, 1)).Select(Name));
    }

    [Fact]
    public async Task Values_are_kept_byte_by_byte()
    {
        byte[][] values = [[], [0], [0xff, 0xfe, 0x00, 0x80], [.. Enumerable.Range(0, 70_000).Select(i => (byte)i)]];
        var start = await PutAsync("start", "x");
        for (var i = 0; i < values.Length; i++)
        {
            await _source.WriteAsync(SourceWrite.Put($"{_root}v/{i}", values[i]));
        }

        Assert.Equal(values, (await ListAsync(SourceRange.Prefix(_root + "v/"), 0)).Select(entry => entry.Value));
        await using var watch = await _connection.WatchAsync([Mine], start + 1, _timeout);
        Assert.Equal(values, (await EventsAsync(watch, values.Length)).Select(change => change.Value!));
    }

    [Fact]
    public async Task A_watch_delivers_every_event_once_and_in_order_from_its_start_on()
    {
        var start = await PutAsync("before", "x");
        var expected = new List<(string Name, string? Value, long Revision)>();
        for (var i = 0; i < 60; i++)
        {
            expected.Add(("a", $"{i}", await PutAsync("a", $"{i}")));
        }

        await using var watch = await _connection.WatchAsync([Mine], start + 1, _timeout);
        var events = await EventsAsync(watch, expected.Count);

        // The backlog is delivered, from here on the watch is live.
        for (var i = 0; i < 20; i++)
        {
            expected.Add(("b", $"{i}", await PutAsync("b", $"{i}")));
        }

        events.AddRange(await EventsAsync(watch, 20));
        Assert.Equal(expected, events.Select(Change));
    }

    [Fact]
    public async Task A_transaction_arrives_in_one_batch()
    {
        var start = await PutAsync("start", "x");
        for (var i = 0; i < 20; i++)
        {
            await _source.WriteAsync([.. Enumerable.Range(0, 30).Select(key => SourceWrite.Put($"{_root}{key:d2}", $"{i}"))]);
        }

        await using var watch = await _connection.WatchAsync([Mine], start + 1, _timeout);
        var seen = new List<long>();
        while (seen.Count < 20)
        {
            var batch = await ReadAsync(watch);
            foreach (var revision in batch.Events.GroupBy(change => change.ModRevision))
            {
                Assert.Equal(30, revision.Count());
                seen.Add(revision.Key);
            }
        }

        Assert.Equal(Enumerable.Range(1, 20).Select(i => start + i), seen);
    }

    [Fact]
    public async Task A_deletion_has_no_value_and_a_recreation_a_new_create_revision()
    {
        var created = await PutAsync("k", "1");
        await using var watch = await _connection.WatchAsync([Mine], created, _timeout);
        var deleted = await _source.WriteAsync(SourceWrite.Delete(_root + "k"));
        var again = await PutAsync("k", "2");

        var events = await EventsAsync(watch, 3);

        Assert.Equal([("k", "1", created), ("k", null, deleted), ("k", "2", again)], events.Select(Change));
        Assert.Equal([created, 0, again], events.Select(change => change.CreateRevision));
        Assert.True(events[1].IsDelete);
    }

    [Fact]
    public async Task Several_ranges_share_one_stream_and_each_is_complete_and_in_order()
    {
        var start = await PutAsync("start", "x");
        SourceRange[] ranges = [SourceRange.Prefix(_root + "a/"), SourceRange.Exactly(_root + "b"), SourceRange.Prefix(_root + "c/")];
        await using var watch = await _connection.WatchAsync(ranges, start + 1, _timeout);
        for (var i = 0; i < 20; i++)
        {
            await _source.WriteAsync(
                SourceWrite.Put(_root + "a/1", $"{i}"), SourceWrite.Put(_root + "b", $"{i}"), SourceWrite.Put(_root + "c/1", $"{i}"));
            await PutAsync("bb", $"{i}");
        }

        var events = await EventsAsync(watch, 60);

        Assert.All(events.GroupBy(Name), key => Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), key.Select(c => Change(c).Value)));
        Assert.Equal(["a/1", "b", "c/1"], events.Select(Name).Distinct().Order());
    }

    [Fact]
    public async Task The_revision_of_a_batch_is_never_beyond_its_last_event()
    {
        var start = await PutAsync("start", "x");
        for (var i = 0; i < 50; i++)
        {
            await PutAsync("k", $"{i}");
        }

        await using var watch = await _connection.WatchAsync([Mine], start + 1, _timeout);
        for (var seen = 0; seen < 50;)
        {
            var batch = await ReadAsync(watch);
            Assert.Equal(batch.Events[^1].ModRevision, batch.Revision);
            Assert.True(batch.ReadTimestamp > 0);
            seen += batch.Events.Count;
        }
    }

    [Fact]
    public async Task Lists_and_watches_at_a_compacted_revision_say_so()
    {
        var old = await PutAsync("k", "1");
        var compacted = await PutAsync("k", "2");
        await PutAsync("k", "3");
        await _source.CompactAsync(compacted);

        var list = await Assert.ThrowsAsync<SourceException>(() => _connection.ListAsync(Mine, null, old, _timeout));
        Assert.Equal((true, SourcePhase.List), (list.IsCompacted, list.Phase));

        var watch = await Assert.ThrowsAsync<SourceException>(async () =>
        {
            await using var opened = await _connection.WatchAsync([Mine], old, _timeout);
            await ReadAsync(opened);
        });
        Assert.Equal((true, SourcePhase.Watch), (watch.IsCompacted, watch.Phase));
    }

    [Fact]
    public async Task A_cancelled_read_of_a_watch_ends_and_disposing_ends_the_watch()
    {
        var start = await PutAsync("start", "x");
        var watch = await _connection.WatchAsync([Mine], start + 1, _timeout);
        using var cancel = new CancellationTokenSource();
        var read = watch.ReadAsync(cancel.Token);
        Assert.False(read.IsCompleted);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(_timeout));
        await watch.DisposeAsync();

        await using var next = await _connection.WatchAsync([Mine], start + 1, _timeout);
        await PutAsync("k", "1");
        Assert.Equal(["k"], (await EventsAsync(next, 1)).Select(Name));
    }

    [Fact]
    public async Task Calls_of_a_cancelled_token_do_not_run()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _connection.ReadAsync(_root, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _connection.ListAsync(Mine, null, 0, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _connection.WatchAsync([Mine], 1, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _source.Connector.ConnectAsync(_source.Definition, cancelled));
    }

    /// <summary>Starts the source, or returns one that several tests share.</summary>
    protected abstract Task<ISourceUnderTest> StartAsync();

    private static (string Key, string Value, long Mod, long Create) Text(SourceEntry entry) =>
        (entry.Key, Encoding.UTF8.GetString(entry.Value), entry.ModRevision, entry.CreateRevision);

    private Task<long> PutAsync(string name, string value) => _source.WriteAsync(SourceWrite.Put(_root + name, value));

    private string Name(SourceEvent change) => change.Key[_root.Length..];

    private (string Name, string? Value, long Revision) Change(SourceEvent change) =>
        (Name(change), change.Value is null ? null : Encoding.UTF8.GetString(change.Value), change.ModRevision);

    private Task<SourceBatch> ReadAsync(ISourceWatch watch) => watch.ReadAsync(_timeout);

    private async Task<List<SourceEntry>> ListAsync(SourceRange range, long revision)
    {
        var entries = new List<SourceEntry>();
        string? next = null;
        do
        {
            var page = await _connection.ListAsync(range, next, revision, _timeout);
            entries.AddRange(page.Entries);
            (next, revision) = (page.NextKey, page.Revision);
        }
        while (next is not null);

        return entries;
    }

    // Exactly this many; a progress notification between them is no event.
    private async Task<List<SourceEvent>> EventsAsync(ISourceWatch watch, int count)
    {
        var events = new List<SourceEvent>();
        while (events.Count < count)
        {
            events.AddRange((await ReadAsync(watch)).Events);
        }

        Assert.Equal(count, events.Count);
        return events;
    }
}
