using System.Text;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Sources;
using Xunit.Abstractions;

namespace KvStoreMesh.Actors.Tests.Mesh;

/// <summary>
/// Everything that can happen to two clusters, in random order; in the end the cache equals the sources: I3, and I12 all along.
/// </summary>
public sealed class RandomScenarioTests : MeshActorTest
{
    private static readonly string[] Clusters = ["ape", "bee"];
    private readonly TamperedConnector _connector;

    public RandomScenarioTests(ITestOutputHelper output)
        : base(output)
    {
        Connector = _connector = new TamperedConnector(Sources);
        // Virtual time overtakes real threads; that the next connection does not wait for ever has a test of its own.
        Options = new() { StartSpread = TimeSpan.Zero, CloseTimeout = TimeSpan.FromDays(1) };
    }

    public static TheoryData<int> Seeds => new(Enumerable.Range(1, 40));

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task At_quiescence_the_cache_equals_the_sources(int seed)
    {
        var random = new Random(seed);
        foreach (var cluster in Clusters)
        {
            Source(cluster).Export(cluster, "default/echo", "default/web");
            Source(cluster).PageSize = random.Next(1, 6);
            Source(cluster).BatchSize = random.Next(1, 4);
            Configure(cluster);
        }

        for (var step = 0; step < 150; step++)
        {
            var cluster = Clusters[random.Next(2)];
            Disturb(random, cluster, Source(cluster));
            await Task.Yield();
            if (random.Next(3) == 0)
            {
                Advance(TimeSpan.FromMilliseconds(random.Next(1, 2000)));
            }
        }

        _connector.Batch = batch => batch;
        _connector.ClusterId = id => id;
        foreach (var cluster in Clusters)
        {
            Calm(cluster, Source(cluster));
            await EventuallyAsync(
                () => Assert.Equal(Source(cluster).Mirrored(cluster), Cached(cluster)), TimeSpan.FromMilliseconds(250));
            await EventuallyAsync(() => Assert.True(Status(cluster)?.IsReady), TimeSpan.FromMilliseconds(250));
            await EventuallyAsync(() => Assert.Equal((1, 1), (Source(cluster).OpenConnections, Source(cluster).OpenStreams)));
            AssertOneStreamAndOneListAtMost(cluster);
        }
    }

    private void Disturb(Random random, string cluster, FakeSource source)
    {
        switch (random.Next(40))
        {
            case 0:
                source.Kill();
                break;
            case 1 or 2 or 3:
                source.Restore();
                break;
            case 4:
                source.BreakConnections();
                break;
            case 5:
                source.Wipe(sameClusterId: random.Next(2) == 0);
                source.Restore();
                break;
            case 6 or 7:
                source.Etcd.Put(SourceData.ConfigKey(cluster), SourceData.Config(id: random.Next(1, 4), canaries: random.Next(4) > 0));
                break;
            case 8:
                source.Etcd.Delete(SourceData.ConfigKey(cluster));
                break;
            case 9:
                source.Etcd.Put(SourceData.ConfigKey(cluster), "garbage");
                break;
            case 10 or 11:
                // At a revision that deletes nothing: that etcd hides a deletion at the compacted revision is not met here.
                source.Heartbeat();
                source.Etcd.Compact(source.Etcd.Revision);
                break;
            case 12 or 13:
                source.Etcd.Put(SourceData.Canary(cluster, SourceData.Kinds[random.Next(4)]), "now");
                break;
            case 14:
                source.SendProgress();
                break;
            case 15:
                Configure(cluster, $"endpoints: [{random.Next()}]");
                break;
            case 16:
                Remove(cluster);
                break;
            case 17:
                Toggle(random, source.Deliveries, source.Lists, source.Watches, source.Reads, source.Connects);
                break;
            case 18:
                var poison = random.Next(2) == 0;
                _connector.Batch = batch => Once(() => _connector.Batch = kept => kept, poison ? Poisoned(batch) : null!);
                break;
            case 19:
                _connector.ClusterId = _ => throw Once(
                    () => _connector.ClusterId = id => id, new InvalidOperationException("a property that must not throw threw"));
                break;
            default:
                Write(random, cluster, source);
                break;
        }
    }

    private static void Write(Random random, string cluster, FakeSource source)
    {
        var keys = Enumerable.Range(0, random.Next(1, 4))
            .Select(_ => SourceData.Key(cluster, SourceData.Kinds[random.Next(4)], $"key-{random.Next(12)}"))
            .Distinct();
        source.Etcd.Write([.. keys.Select(key =>
            random.Next(3) == 0 ? SourceWrite.Delete(key) : SourceWrite.Put(key, $"v{random.Next(5)}"))]);
    }

    private static void Toggle(Random random, params FakeGate[] gates)
    {
        foreach (var gate in gates)
        {
            if (random.Next(3) == 0)
            {
                gate.Close();
            }
            else
            {
                gate.Open();
            }
        }
    }

    private void Calm(string cluster, FakeSource source)
    {
        foreach (var gate in (FakeGate[])[source.Deliveries, source.Lists, source.Watches, source.Reads, source.Connects])
        {
            gate.Open();
        }

        source.Restore();
        source.Etcd.Put(SourceData.ConfigKey(cluster), SourceData.Config());
        source.WriteCanaries(cluster);
        Configure(cluster);
    }

    private static SourceBatch Poisoned(SourceBatch batch) =>
        batch with { Events = [.. batch.Events, new SourceEvent(null!, Encoding.UTF8.GetBytes("v"), batch.Revision, batch.Revision)] };

    private static T Once<T>(Action after, T value)
    {
        after();
        return value;
    }
}
