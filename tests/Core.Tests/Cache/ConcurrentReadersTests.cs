using System.Globalization;
using System.Text;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Core.Tests.Replication;

namespace KvStoreMesh.Core.Tests.Cache;

public sealed class ConcurrentReadersTests
{
    private const int Groups = 20_000;
    private static readonly ClusterName[] Names = [.. new[] { "a", "b", "c" }.Select(ClusterName.Parse)];

    [Theory]
    [InlineData(1 << 10, 1 << 8)]
    [InlineData(1 << 16, 1 << 12)]
    [InlineData(64 << 20, 1 << 20)]
    public async Task Readers_on_other_threads_never_see_half_a_group(int ringBytes, int segmentBytes)
    {
        var cache = new MeshCache(new() { RingBytes = ringBytes, SegmentBytes = segmentBytes, SnapshotChunkBytes = 200 });
        var wakes = Enumerable.Range(0, 3).Select(_ => new SemaphoreSlim(0, 1)).ToArray();
        cache.Published += () =>
        {
            foreach (var wake in wakes)
            {
                if (wake.CurrentCount == 0)
                {
                    wake.Release();
                }
            }
        };

        var readers = wakes.Select((wake, i) => Task.Run(() => FollowAsync(cache, wake, 100 << (2 * i)))).ToArray();
        await Task.Run(() => Write(cache));
        var last = await Task.WhenAll(readers);

        Assert.All(last, clusters => Assert.Equal(
            Names.Select(name => ReaderCluster.From(cache.Snapshot(name)!).Content), clusters.OrderBy(c => c.Name).Select(c => c.Content)));
    }

    // Every group gives all keys of a cluster the same number, so half a group shows.
    private static void Write(MeshCache cache)
    {
        for (var i = 1; i <= Groups; i++)
        {
            var value = Encoding.UTF8.GetBytes(i.ToString(CultureInfo.InvariantCulture));
            cache.Apply(new(
                Names[i % Names.Length],
                new(new(1), i),
                [.. Enumerable.Range(0, 5).Select(key => new MeshChange(new(ResourceKind.Nodes, $"n{key}"), value, i, 1))],
                i <= Names.Length ? [ResourceKind.Nodes] : [],
                null,
                i));
        }

        cache.Apply(new(Names[0], new(new(1), Groups + 1), [new(new(ResourceKind.Services, "end"), [1], Groups + 1, 1)], [], null, 1));
    }

    private static async Task<IReadOnlyCollection<ReaderCluster>> FollowAsync(MeshCache cache, SemaphoreSlim wake, int maxBytes)
    {
        var reader = new MeshReader(cache)
        {
            Consistent = (_, cluster, _) =>
                Assert.Single(cluster.Content.Where(key => key.Key.StartsWith("Nodes/", StringComparison.Ordinal)).Select(key => key.Value).Distinct()),
        };
        reader.TakeSnapshots();
        while (!reader.Clusters.Values.Any(cluster => cluster.Content.ContainsKey("Services/end")))
        {
            while (reader.Step(maxBytes))
            {
            }

            await wake.WaitAsync(TimeSpan.FromSeconds(1));
        }

        return reader.Clusters.Values;
    }
}
