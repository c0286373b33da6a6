using System.Text.RegularExpressions;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd;
using KvStoreMesh.TestSupport.Etcd;
using KvStoreMesh.TestSupport.Sources;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>The rules of Cilium's stores: lists by pages, restarted watches, the order of writes, leases.</summary>
internal sealed partial class SemanticsVectors(GoldenCase golden)
{
    public GoldenCheck? Check(string name) => name switch
    {
        "" => null,
        "cases" => golden.Expect.GetProperty("cases")[0].ValueKind == System.Text.Json.JsonValueKind.String
            ? new(name, () => new LeaseVectors(golden).Run())
            : new(name, () => new WriterVectors(golden).Run()),
        "first" => new(name, () => new WatchRestartVectors(golden).Run()),
        "second" => GoldenCheck.NotApplicable(name, "checked with 'first', as they share one store"),
        "drain" => GoldenCheck.NotApplicable(name, "ours removes a cluster as a whole: see the vectors with 'after_remove'"),
        "result" => new(name, () => ListAsync(concurrent: false)),
        "concurrent" => new(name, () => ListAsync(concurrent: true)),
        "watch_start" => new(name, () => ListAsync(concurrent: true)),
        _ => null,
    };

    private async Task ListAsync(bool concurrent)
    {
        foreach (var size in PageSizes())
        {
            await ListFromFakeAsync(size, concurrent);
            if (EtcdBinary.SkipReason is null)
            {
                await using var etcd = await EtcdProcess.StartAsync();
                using var writer = etcd.Writer();
                foreach (var pair in golden.Pairs)
                {
                    await writer.PutAsync(pair.Key, System.Text.Encoding.UTF8.GetString(pair.Value));
                }

                var options = new EtcdSourceOptions { FirstPageKeys = size, MaxPageKeys = size };
                var connector = new EtcdSourceConnector(options, TimeProvider.System, new Random(1), NullLogger<EtcdSourceConnector>.Instance);
                await using var connection = await connector.ConnectAsync(etcd.Definition(), CancellationToken.None);
                await AssertListAsync(connection, concurrent ? writer.PutAsync : null, concurrent ? writer.DeleteAsync : null);
            }
        }
    }

    private async Task ListFromFakeAsync(int size, bool concurrent)
    {
        var source = new FakeSource(TimeProvider.System) { PageSize = size };
        foreach (var pair in golden.Pairs)
        {
            source.Etcd.Put(pair.Key, pair.Value);
        }

        await using var connection = await source.ConnectAsync(
            new SourceDefinition(golden.Cluster, SourceRole.Remote, "golden", string.Empty), CancellationToken.None);
        await AssertListAsync(
            connection,
            concurrent ? (key, value) => Task.FromResult(source.Etcd.Put(key, value)) : null,
            concurrent ? key => Task.FromResult(source.Etcd.Delete(key)) : null);
    }

    private async Task AssertListAsync(ISourceConnection connection, Func<string, string, Task<long>>? put, Func<string, Task<long>>? delete)
    {
        var keys = golden.Pairs.Select(pair => pair.Key).Order(StringComparer.Ordinal).ToList();
        var range = SourceRange.Prefix(keys[0][..(keys[0].LastIndexOf('/') + 1)]);
        var listed = new List<string>();
        string? from = null;
        long revision = 0;
        var changed = false;
        do
        {
            var page = await connection.ListAsync(range, from, revision, CancellationToken.None);
            listed.AddRange(page.Entries.Select(entry => entry.Key));
            (from, revision) = (page.NextKey, page.Revision);
            if (put is not null && !changed)
            {
                changed = true;
                await put(range.Start + "aaa-new", "value");
                await put(range.Start + "zzz-new", "value");
                await delete!(keys[0]);
                await delete!(keys[^1]);
            }
        }
        while (from is not null);

        Assert.Equal(keys, listed);
        if (put is not null)
        {
            await using var watch = await connection.WatchAsync([range], revision + 1, CancellationToken.None);
            var events = new List<SourceEvent>();
            while (events.Count < 4)
            {
                events.AddRange((await watch.ReadAsync(CancellationToken.None)).Events);
            }

            Assert.Equal([range.Start + "aaa-new", range.Start + "zzz-new", keys[0], keys[^1]], events.Select(change => change.Key));
        }
    }

    private List<int> PageSizes() => Sizes().Match(golden.Description) is { Success: true } sizes
        ? [.. Number().Matches(sizes.Value).Select(size => int.Parse(size.Value, System.Globalization.CultureInfo.InvariantCulture))]
        : [1, 4, 11];

    [GeneratedRegex("batch sizes [0-9, ]+")]
    private static partial Regex Sizes();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
