using System.Text.Json;
using KvStoreMesh.TestSupport.Etcd;
using KvStoreMesh.TestSupport.Golden;
using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Integration;

/// <summary>The daemon's program between real etcds: what goes in comes out, whatever dies meanwhile.</summary>
public sealed class MirrorTests : IDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(4));
    private readonly DaemonProcess _daemon = new();

    public void Dispose()
    {
        _daemon.Dispose();
        _limit.Dispose();
    }

    [GoldenFact]
    public async Task What_Ciliums_mock_writes_for_three_clusters_is_mirrored_byte_for_byte()
    {
        await using var source = await EtcdProcess.StartAsync();
        await using var local = await EtcdProcess.StartAsync();
        using var writer = source.Writer();
        var lines = await File.ReadAllLinesAsync(Path.Combine(SharedData(), "mock-3-clusters.jsonl"));
        var pairs = lines.Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(line => line.GetProperty("key").GetString()!, line => line.GetProperty("value").GetString()!);
        await writer.WriteManyAsync(pairs.Select(pair => SourceWrite.Put(pair.Key, pair.Value)));

        foreach (var key in pairs.Keys.Where(key => key.StartsWith("cilium/cluster-config/", StringComparison.Ordinal)))
        {
            _daemon.Configure(key["cilium/cluster-config/".Length..], source.Definition("x").ConfigText);
        }

        _daemon.Start(local.Definition("x").ConfigText);
        await Eventually(local, pairs.Where(pair => pair.Key.StartsWith("cilium/cache/", StringComparison.Ordinal)
            || pair.Key.StartsWith("cilium/cluster-config/", StringComparison.Ordinal)), withoutCanaries: true);
    }

    [EtcdTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Kills_compaction_and_churn_end_with_the_sources_content_in_the_local_etcd(int seed)
    {
        var random = new Random(seed);
        var clusters = new[] { new SourceCluster("b", 2), new SourceCluster("c", 3) };
        EtcdProcess[] sources = [await EtcdProcess.StartAsync(), await EtcdProcess.StartAsync()];
        await using var local = await EtcdProcess.StartAsync();
        try
        {
            for (var i = 0; i < clusters.Length; i++)
            {
                using var writer = sources[i].Writer();
                await writer.WriteAsync(clusters[i].Announcement());
                _daemon.Configure(clusters[i].Name, sources[i].Definition("x").ConfigText);
            }

            var localConfig = local.Definition("x").ConfigText;
            _daemon.Start(localConfig);
            for (var round = 0; round < 40; round++)
            {
                var i = random.Next(clusters.Length);
                using (var writer = sources[i].Writer())
                {
                    var revision = await writer.WriteAsync(clusters[i].Churn(random));
                    if (random.Next(4) == 0)
                    {
                        await writer.CompactAsync(revision);
                    }
                }

                switch (random.Next(12))
                {
                    case 0:
                        await sources[i].KillAsync();
                        await sources[i].StartAgainAsync();
                        break;
                    case 1:
                        await local.KillAsync();
                        await local.StartAgainAsync(wipe: random.Next(2) == 0);
                        break;
                    case 2:
                        _daemon.Kill();
                        _daemon.Start(localConfig);
                        break;
                }
            }

            await Eventually(local, clusters.SelectMany(cluster => cluster.Mirror()));
        }
        finally
        {
            foreach (var source in sources)
            {
                await source.DisposeAsync();
            }
        }
    }

    private static string SharedData()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "KvStoreMesh.sln")))
        {
            at = at.Parent!;
        }

        return Path.Combine(at.Parent!.FullName, "shared", "data");
    }

    private async Task Eventually(EtcdProcess local, IEnumerable<KeyValuePair<string, string>> wanted, bool withoutCanaries = false)
    {
        var expected = new SortedDictionary<string, string>(wanted.ToDictionary(), StringComparer.Ordinal);
        SortedDictionary<string, string> found = new(StringComparer.Ordinal);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (await pause.WaitForNextTickAsync(_limit.Token))
            {
                found = await EtcdContent.OfAsync(local, _limit.Token);
                foreach (var canary in found.Keys.Where(key => key.StartsWith("cilium/synced/", StringComparison.Ordinal)).ToArray())
                {
                    found[canary] = "";
                    if (withoutCanaries)
                    {
                        found.Remove(canary);
                    }
                }

                if (found.SequenceEqual(expected))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            var differing = expected.Except(found).Concat(found.Except(expected)).Select(pair => pair.Key).Distinct().Take(10);
            Assert.Fail($"the local etcd holds {found.Count} keys, {expected.Count} are wanted; differing: {string.Join(", ", differing)}\n{_daemon.Output}");
        }
    }
}
