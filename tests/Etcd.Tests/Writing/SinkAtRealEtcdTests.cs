using System.Text;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Etcd.Tests.Writing;

/// <summary>The sink against a real etcd that dies under load.</summary>
public sealed class SinkAtRealEtcdTests
{
    private readonly CancellationToken _timeout = new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token;
    private readonly SinkFeed _feed = new(ClusterName.Parse("local"));
    private readonly Dictionary<string, string> _expected = [];

    [EtcdTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_etcd_killed_under_load_ends_with_exactly_the_mirror(bool wipe)
    {
        await using var etcd = await LocalEtcd.StartAsync();
        var mirror = NewMirror(etcd);
        await using var loop = new MirrorLoop(mirror, _feed);
        Fill(clusters: 5, keys: 2000, round: 0);
        await loop.RunUntilAsync(status => status.IsBootstrapped, _timeout);

        for (var round = 1; round <= 3; round++)
        {
            Fill(clusters: 5, keys: 2000, round);
            var half = mirror.Describe().Written + 3000;
            await loop.RunUntilAsync(status => status.Written >= half, _timeout);
            await etcd.Process.KillAsync();
            await loop.RunUntilAsync(status => status.FailuresInARow > 0, _timeout);
            Delete(clusters: 5, key: round);
            await etcd.Process.StartAgainAsync(wipe && round == 2);
            await loop.RunUntilAsync(status => status is { Connected: true, PendingKeys: 0, InFlight: 0 }, _timeout);
        }

        // The comparison that follows a lost connection, too.
        await loop.RunUntilAsync(
            status => status is { Connected: true, PendingKeys: 0, InFlight: 0 }
                && status.Clusters.All(cluster => cluster is { Phase: SinkClusterPhase.Mirroring, CanariesWritten: 6 }),
            _timeout);
        await AssertHoldsExactlyAsync(etcd);
    }

    [EtcdFact]
    public async Task A_restarted_daemon_takes_over_and_removes_what_is_gone()
    {
        await using var etcd = await LocalEtcd.StartAsync();
        Fill(clusters: 3, keys: 500, round: 0);
        await using (var first = new MirrorLoop(NewMirror(etcd), _feed))
        {
            await first.RunUntilAsync(status => status.IsBootstrapped, _timeout);
        }

        _expected.Clear();
        var feed = new SinkFeed(ClusterName.Parse("local"));
        Fill(clusters: 3, keys: 400, round: 0, feed);
        var mirror = NewMirror(etcd);
        await using var second = new MirrorLoop(mirror, feed);
        await second.RunUntilAsync(status => status is { IsBootstrapped: true, PendingKeys: 0, InFlight: 0 }, _timeout);

        await AssertHoldsExactlyAsync(etcd);
        Assert.Equal(300, mirror.Describe().Deleted);
    }

    private static SinkMirror NewMirror(LocalEtcd etcd) => new(
        new SinkOptions { VerifyDelay = TimeSpan.FromMilliseconds(500) }, etcd.Connector, TimeProvider.System, new Random(1));

    private static ClusterName Name(int cluster) => ClusterName.Parse($"cluster-{cluster:000}");

    private static ClusterDelta Delta(int cluster, IReadOnlyList<MeshChange> changes, params ResourceKind[] synced) =>
        new(Name(cluster), new SourcePosition(new SourceEpoch(1), 1), changes, synced, null, 0);

    private void Fill(int clusters, int keys, int round, SinkFeed? feed = null, int valueBytes = 0)
    {
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            var changes = new List<MeshChange> { new(MeshKey.ClusterConfig, """{"id":7,"capabilities":{"serviceExportsEnabled":true}}"""u8.ToArray(), 1, 1) };
            _expected[CiliumKeys.ClusterConfig(Name(cluster))] =
                """{"id":7,"capabilities":{"syncedCanaries":true,"cached":true,"serviceExportsEnabled":true}}""";
            for (var i = 0; i < keys; i++)
            {
                var key = new MeshKey(SinkKeys.Resources[1 + (i % 5)], $"key-{i:00000}");
                var value = $"round {round}".PadRight(valueBytes, '.');
                changes.Add(new MeshChange(key, Encoding.UTF8.GetBytes(value), 1, 1));
                _expected[SinkKeys.Of(Name(cluster), key)] = value;
            }

            (feed ?? _feed).Apply(Delta(cluster, changes, [.. SinkKeys.Resources]));
        }
    }

    private void Delete(int clusters, int key)
    {
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            var gone = new MeshKey(SinkKeys.Resources[1 + (key % 5)], $"key-{key:00000}");
            _feed.Apply(Delta(cluster, [new MeshChange(gone, null, 1, 0)]));
            _expected.Remove(SinkKeys.Of(Name(cluster), gone));
        }
    }

    private async Task AssertHoldsExactlyAsync(LocalEtcd etcd)
    {
        await using var store = await etcd.Connector.ConnectAsync(_timeout);
        var held = new Dictionary<string, string>();
        var canaries = 0;
        for (string? from = null, next = ""; next is not null; from = next)
        {
            var page = await store.ListAsync(SourceRange.Prefix("cilium/"), from, 5000, _timeout);
            next = page.NextKey;
            foreach (var entry in page.Entries)
            {
                Assert.NotEqual(0, entry.Lease);
                if (entry.Key.StartsWith("cilium/synced/", StringComparison.Ordinal))
                {
                    canaries++;
                }
                else
                {
                    held.Add(entry.Key, Encoding.UTF8.GetString(entry.Value));
                }
            }
        }

        Assert.Equal(_expected.OrderBy(pair => pair.Key, StringComparer.Ordinal), held.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal(6 * _expected.Keys.Count(key => key.StartsWith(SinkKeys.ClusterConfigs, StringComparison.Ordinal)), canaries);
    }
}
