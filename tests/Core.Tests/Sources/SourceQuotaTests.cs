using CsCheck;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Core.Tests.Sources;

public sealed class SourceQuotaTests
{
    private static readonly SourceQuota Quota = new(MaxKeys: 6, MaxBytes: 120);

    [Theory]
    [InlineData(5, 0, 6, 0, true)]
    [InlineData(6, 0, 7, 0, false)]
    [InlineData(1, 100, 1, 121, false)]
    [InlineData(9, 200, 9, 200, true)]
    [InlineData(9, 200, 8, 201, false)]
    public void What_is_beyond_the_quota_may_stay_and_shrink_and_not_grow(long keys, long bytes, long nextKeys, long nextBytes, bool fits)
    {
        Assert.Equal(fits, Quota.FindExcess((keys, bytes), (nextKeys, nextBytes)) is null);
        Assert.Null(default(SourceQuota).FindExcess((keys, bytes), (nextKeys, nextBytes)));
    }

    [Fact]
    public void A_refused_batch_leaves_position_and_checkpoint_and_only_a_list_goes_on()
    {
        var world = new World();
        world.Put(6, 1);
        world.Sync();
        var (position, checkpoint) = (world.Driver.Replica.Position, world.Driver.Replica.Checkpoint());
        world.Put(7, 1);

        world.Driver.PumpAll();

        Assert.Equal((1, position), (world.Driver.Refusals, world.Driver.Replica.Position));
        Assert.Equivalent(checkpoint, world.Driver.Replica.Checkpoint(), strict: true);
        Assert.Contains("6 keys of the quota", world.Driver.Replica.Excess, StringComparison.Ordinal);
        Assert.False(world.Driver.Reconnect());
        Assert.False(world.Driver.Replica.IsFullySynced);
        Assert.Null(world.Driver.Replica.Checkpoint());

        world.Delete(0);
        world.Sync();
        Assert.Null(world.Driver.Replica.Excess);
        Assert.True(world.Driver.Replica.IsFullySynced);
    }

    /// <summary>The naive model: what fits is held, else what was held before.</summary>
    [Fact]
    public void Whatever_happens_what_is_held_is_the_last_state_seen_that_fitted() =>
        Gen.Select(Gen.Int[0, 15], Gen.Int[0, 9], Gen.Int[0, 40]).Array[1, 60].Sample(
            steps =>
            {
                var world = new World();
                foreach (var (what, key, size) in steps)
                {
                    world.Step(what, key, size);
                }

                world.Shrink();
                world.Sync();
                Assert.Equal(world.Source, world.Held);
                Assert.True(world.Driver.Replica.IsFullySynced);
            },
            iter: 2000,
            threads: 1);

    private sealed class World
    {
        private readonly Dictionary<MeshKey, (MeshChange Change, SourceEpoch Epoch)> _kept = [];
        private SortedDictionary<string, string> _expected = [];
        private SourceCheckpoint? _checkpoint;
        private ulong _etcds = 1;

        public World()
        {
            Driver = new(ClusterName.Parse("ape"), new Random(1)) { Publish = Publish, Quota = Quota };
            Prepare();
        }

        public SourceDriver Driver { get; }

        public SortedDictionary<string, string> Source { get; private set; } = [];

        public SortedDictionary<string, string> Held => new(_kept.Values.Where(kept => kept.Change.Key.Kind != ResourceKind.ClusterConfig)
            .ToDictionary(kept => kept.Change.Key.Name, kept => System.Text.Encoding.UTF8.GetString(kept.Change.Value!)));

        public void Step(int what, int key, int size)
        {
            switch (what)
            {
                case <= 4:
                    Write(key, new string('v', size));
                    break;
                case <= 7:
                    Delete(key);
                    break;
                case 8:
                    Driver.Disconnect();
                    break;
                case 9 when Driver.Etcd.Revision > Driver.Etcd.CompactedRevision:
                    // A watch that falls behind may lose a deletion at just that revision: the audit's business.
                    if (Driver.Watching)
                    {
                        Sync();
                    }

                    Driver.Etcd.Compact(Driver.Etcd.Revision);
                    break;
                case 10 when _checkpoint is not null:
                    Driver.Restart(_checkpoint, _kept.Values.Select(kept => kept.Change));
                    break;
                case 11:
                    Driver.Forget();
                    _checkpoint = null;
                    break;
                case 12 when size > 30:
                    Driver.Disconnect();
                    Driver.Etcd = new(++_etcds);
                    Source = [];
                    Prepare();
                    break;
                default:
                    Sync();
                    break;
            }
        }

        public void Put(int keys, int size)
        {
            for (var key = 0; key < keys; key++)
            {
                Write(key, new string('v', size));
            }
        }

        public void Delete(int key)
        {
            if (Source.Remove(Name(key)))
            {
                Driver.Etcd.Delete(Key(key));
            }
        }

        public void Shrink()
        {
            for (var key = 1; key < 10; key++)
            {
                Delete(key);
            }
        }

        public void Sync()
        {
            Driver.PumpAll();
            for (var attempt = 0; attempt < 5 && (!Driver.Watching || Driver.Replica.IsProving); attempt++)
            {
                if (Driver.Watching)
                {
                    Driver.Resync();
                }
                else
                {
                    Driver.Reconnect();
                }

                Driver.PumpAll();
            }

            var bytes = Source.Sum(entry => entry.Key.Length + entry.Value.Length);
            var fits = Source.Count <= Quota.MaxKeys && bytes <= Quota.MaxBytes;
            _expected = fits ? new(Source) : _expected;
            Assert.Equal(_expected, Held);
            Assert.Equal((fits, fits), (Driver.Watching, Driver.Replica.Excess is null));
            Assert.Equal(fits, Driver.Replica.IsFullySynced);
        }

        private static string Name(int key) => $"ns/{key}";

        // Two resources, so that one range and one list hold both.
        private static string Key(int key) => $"cilium/state/{(key % 2 == 0 ? "services" : "serviceexports")}/v1/ape/{Name(key)}";

        private void Write(int key, string value)
        {
            Driver.Etcd.Put(Key(key), value);
            Source[Name(key)] = value;
        }

        private void Prepare()
        {
            Driver.PutConfig("""{"syncedCanaries":true,"serviceExportsEnabled":true}""", 3);
            Driver.PutCanaries(Enum.GetValues<ResourceKind>().Skip(1));
        }

        // As a cache does: what an earlier epoch left goes when its resource is complete.
        private void Publish(ClusterDelta delta)
        {
            foreach (var change in delta.Changes)
            {
                if (change.IsDelete)
                {
                    _kept.Remove(change.Key);
                }
                else
                {
                    _kept[change.Key] = (change, delta.Position.Epoch);
                }
            }

            foreach (var key in _kept.Keys.Where(key => delta.NewlySynced.Contains(key.Kind) && _kept[key].Epoch != delta.Position.Epoch).ToList())
            {
                _kept.Remove(key);
            }

            _checkpoint = Driver.Replica.Checkpoint();
            Assert.InRange(Driver.Replica.Bytes, 0, Quota.MaxBytes);
        }
    }
}
