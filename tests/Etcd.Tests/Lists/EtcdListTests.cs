using System.Globalization;
using Google.Protobuf;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Etcd;
using KvStoreMesh.TestSupport.Sources;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Etcd.Tests.Lists;

/// <summary>Lists of a real etcd that are large in one way or another.</summary>
public sealed class EtcdListTests
{
    private static readonly SourceRange All = SourceRange.Prefix("a/");

    private readonly CancellationToken _limit = new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    [EtcdFact]
    public async Task A_hundred_thousand_keys_are_listed_as_they_were_while_all_of_them_change()
    {
        const int Count = 100_000;
        await using var etcd = await RealEtcd.StartAsync();
        await using var connection = await etcd.ConnectAsync(_limit);
        var value = new string('v', 200);
        await etcd.Writer.WriteManyAsync(Enumerable.Range(0, Count).Select(i => SourceWrite.Put(Key(i), value)));

        var first = await connection.ListAsync(All, null, 0, _limit);
        var churn = etcd.Writer.WriteManyAsync(Enumerable.Range(0, 20_000)
            .Select(i => i % 3 == 0 ? SourceWrite.Delete(Key(i * 5)) : SourceWrite.Put(Key((i * 5) + (i % 3 == 1 ? 0 : Count)), "changed")));
        var (entries, pages) = await RestAsync(connection, first);
        await churn;

        Assert.Equal(Count, entries.Count);
        for (var i = 0; i < Count; i++)
        {
            Assert.Equal(Key(i), entries[i].Key);
            Assert.Equal(value.Length, entries[i].Value.Length);
        }

        // 25 MB in pages of about 6 MB, after a first one of 5,000 keys.
        Assert.InRange(pages, 4, 8);
    }

    [EtcdFact]
    public async Task Values_as_large_as_etcd_takes_them_come_in_pages_that_fit()
    {
        await using var etcd = await RealEtcd.StartAsync(options: new EtcdSourceOptions { MaxMessageBytes = 4 * 1024 * 1024 });
        await using var connection = await etcd.ConnectAsync(_limit);
        var start = await etcd.Writer.PutAsync("other", "x");
        for (var i = 0; i < 7; i++)
        {
            await etcd.Writer.WriteAsync(SourceWrite.Put(Key(i), new byte[1_400_000]));
        }

        var (entries, pages) = await RestAsync(connection, await connection.ListAsync(All, null, 0, _limit));
        Assert.Equal(Enumerable.Range(0, 7).Select(Key), entries.Select(e => e.Key));
        Assert.All(entries, e => Assert.Equal(1_400_000, e.Value.Length));
        Assert.InRange(pages, 4, 7);

        // The same as a watch's backlog is one answer that cannot be halved: the way out is to list anew.
        await using var watch = await connection.WatchAsync([All], start + 1, _limit);
        var e = await Assert.ThrowsAsync<SourceException>(() => watch.ReadAsync(_limit));
        Assert.Equal(SourcePhase.Watch, e.Phase);
        Assert.Contains("has a backlog of more than 4194304 bytes: list anew", e.Message, StringComparison.Ordinal);
    }

    [EtcdFact]
    public async Task A_key_larger_than_any_page_may_be_is_told()
    {
        await using var etcd = await RealEtcd.StartAsync(options: new EtcdSourceOptions { MaxMessageBytes = 100_000 });
        await using var connection = await etcd.ConnectAsync(_limit);
        await etcd.Writer.WriteAsync(SourceWrite.Put(Key(0), new byte[200_000]));
        var e = await Assert.ThrowsAsync<SourceException>(() => connection.ListAsync(All, null, 0, _limit));
        Assert.Equal(SourcePhase.List, e.Phase);
        Assert.Contains("is larger than 100000 bytes", e.Message, StringComparison.Ordinal);
    }

    [EtcdFact]
    public async Task Keys_that_are_no_text_are_left_out_counted_once_and_end_no_list()
    {
        var log = new RecordingLogger();
        await using var etcd = await RealEtcd.StartAsync();
        var connector = new EtcdSourceConnector(
            new EtcdSourceOptions { FirstPageKeys = 1, MaxPageKeys = 1 }, TimeProvider.System, new Random(1), log);
        await using var connection = await connector.ConnectAsync(etcd.Definition, _limit);
        var value = ByteString.CopyFromUtf8("x");
        byte[][] tails = [[0x80], [0xc3], [0xc3, 0x28], [0xff], [0xff, 0x00], [0xed, 0xa0, 0x80]];
        await etcd.Writer.WriteBytesAsync(tails.Select(tail => (ByteString.CopyFrom([.. "a/"u8, .. tail]), (ByteString?)value)));
        await etcd.Writer.WriteAsync(SourceWrite.Put("a/ä", "x"), SourceWrite.Put("a/z", "x"), SourceWrite.Put("a/\uffff", "x"));

        var (entries, pages) = await RestAsync(connection, await connection.ListAsync(All, null, 0, _limit));

        Assert.Equal(["a/z", "a/ä", "a/\uffff"], entries.Select(e => e.Key));
        Assert.Equal(9, pages);
        Assert.Equal($"{etcd.Process.Url}: 1 keys are not UTF-8 text and are not mirrored; further ones of this connection are dropped silently",
            Assert.Single(log.Lines));
    }

    private static string Key(int i) => $"a/{i.ToString("d6", CultureInfo.InvariantCulture)}";

    private async Task<(List<SourceEntry> Entries, int Pages)> RestAsync(ISourceConnection connection, SourcePage page)
    {
        var (entries, pages, revision) = (page.Entries.ToList(), 1, page.Revision);
        while (page.NextKey is { } next)
        {
            page = await connection.ListAsync(All, next, revision, _limit);
            Assert.Equal(revision, page.Revision);
            entries.AddRange(page.Entries);
            pages++;
        }

        return (entries, pages);
    }

    private sealed class RecordingLogger : ILogger<EtcdSourceConnector>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
