using CsCheck;
using KvStoreMesh.Core.Cache;

namespace KvStoreMesh.Core.Tests.Replication;

/// <summary>
/// Two clusters live through anything that can happen to a source, a cache replicates them, and readers follow at their
/// own pace. The invariants are those of DESIGN.md; I1 and I4 are checked by <see cref="ReaderCluster"/> at each record,
/// I5 by compactions, restarts and deletions in any order, I10 by wiped etcds with equal ids, I13 and the source's side of
/// I2 and I6 by <see cref="SourceWorld"/> at each group.
/// </summary>
public sealed class ReplicationInvariantTests
{
    private static readonly Gen<(int Kind, int Seed)[]> Histories = Gen.Select(Gen.Int[0, 99], Gen.Int[0, 1 << 20]).Array[1, 250];

    [Fact]
    public void I1_I2_I3_I4_I6_I13_hold_for_any_history_when_batches_are_in_order() =>
        Gen.Select(Histories, Gen.Int[0, 1000]).Sample((history, seed) => Live(history, seed, ordered: true), iter: 200);

    [Fact]
    public void I1_I3_I4_I6_I13_hold_for_any_history_when_ranges_lag_each_other() =>
        Gen.Select(Histories, Gen.Int[0, 1000]).Sample((history, seed) => Live(history, seed, ordered: false), iter: 200);

    private static void Live((int Kind, int Seed)[] history, int seed, bool ordered)
    {
        var random = new Random(seed);
        var cache = new MeshCache(new() { RingBytes = 200 << (seed % 6), SegmentBytes = 60 << (seed % 4), SnapshotChunkBytes = 1 << (seed % 9), Tombstones = seed % 7 });
        SourceWorld[] worlds = [new("ape", cache, random, ordered), new("apex", cache, random, ordered)];
        var readers = Enumerable.Range(0, 3).Select(_ => Reader(cache, worlds)).ToArray();
        foreach (var (kind, step) in history)
        {
            var (world, rest) = (worlds[step % worlds.Length], step / worlds.Length);
            var driver = world.Driver;
            switch (kind)
            {
                case < 30:
                    world.Write(rest);
                    break;
                case < 52:
                    driver.Pump(rest % 16, 1 + (rest % 7));
                    break;
                case < 54:
                    driver.Progress();
                    break;
                case < 62:
                    world.PutCanary(rest);
                    break;
                case < 67:
                    driver.Reconnect(1 + (rest % 4));
                    break;
                case < 69:
                    driver.Resync(1 + (rest % 2), rest % 5, () => world.Write(rest));
                    break;
                case < 71:
                    driver.Disconnect();
                    break;
                case < 73:
                    world.Wipe(rest);
                    break;
                case < 75:
                    world.PutConfig(rest);
                    break;
                case < 76:
                    world.Compact(rest);
                    break;
                case < 77:
                    world.Restart(rest);
                    break;
                case < 78:
                    world.Remove();
                    break;
                case < 97:
                    readers[rest % readers.Length].Step(1 + (rest % 400));
                    break;
                default:
                    readers[rest % readers.Length] = Reader(cache, worlds);
                    if (rest % 3 == 0)
                    {
                        readers[rest % readers.Length].CatchUp();
                    }
                    else if (rest % 3 == 1)
                    {
                        readers[rest % readers.Length].TakeSnapshots();
                    }

                    break;
            }
        }

        foreach (var world in worlds)
        {
            world.ComeToRest(seed);
        }

        // I3: at rest every reader holds the source, however it got there.
        foreach (var reader in readers.Append(Reader(cache, worlds)))
        {
            for (var steps = 0; reader.Step(1 + (seed % 300)); steps++)
            {
                Assert.True(steps < 10_000, "the reader does not come to an end");
            }

            Assert.Equal(worlds.Length, reader.Clusters.Count);
            foreach (var world in worlds)
            {
                var cluster = reader.Clusters.Values.Single(c => c.Name == world.Driver.Cluster.Value);
                Assert.Equal(world.Expected(), cluster.Content);
                Assert.Equal(6, cluster.Synced.Count);
            }
        }
    }

    // I2 and I6 at the reader: after each whole group, each Synced and each snapshot it holds exactly what was published then.
    private static MeshReader Reader(MeshCache cache, SourceWorld[] worlds) => new(cache)
    {
        Consistent = (index, cluster, seq) =>
        {
            var published = worlds.Single(world => world.Driver.Cluster.Value == cluster.Name).Published[index];
            Assert.Equal(published.First(group => group.Key >= seq).Value, cluster.Content);
        },
    };
}
