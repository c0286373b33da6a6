using CsCheck;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Subscription;
using KvStoreMesh.Replicator.Fanout;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>
/// I2, I3, I4, I6 and I7 from the cache to the agent's replica, with the real code of both ends and nothing in between: any
/// history, frame sizes from one record on, logs of a few records, cuts after any frame, restarts of the daemon, filters.
/// </summary>
public sealed class StreamJoinTests
{
    private static readonly string[] Names = ["c0", "c1", "c2"];

    [Fact]
    public void I2_I3_I4_I6_Whatever_the_log_the_cuts_and_the_restarts_an_agent_shows_states_of_the_source_and_ends_with_the_last()
    {
        var ways = new Dictionary<string, int>();
        Gen.Int[0, int.MaxValue].Sample(seed => Run(seed, StreamFeatures.Known, SubscriberFilter.Everything, ways), iter: 80, threads: 1);
        Assert.All(ways, way => Assert.True(way.Value > 20, way.ToString()));
    }

    [Fact]
    public void I2_I3_The_same_holds_for_what_a_filter_lets_through() => Gen.Int[0, int.MaxValue].Sample(
        seed => Run(
            seed,
            StreamFeatures.Known,
            new SubscriberFilter(
                [.. Names.Where((_, i) => (seed & (1 << i)) != 0).Select(ClusterName.Parse)],
                (seed & 8) != 0 ? ResourceSet.Of([ResourceKind.Services]) : ResourceSet.All),
            []),
        iter: 50,
        threads: 1);

    [Fact]
    public void I2_I3_The_same_holds_without_any_feature() =>
        Gen.Int[0, int.MaxValue].Sample(seed => Run(seed, default, SubscriberFilter.Everything, []), iter: 20, threads: 1);

    [Fact]
    public void What_went_wrong_at_an_agent_is_found_by_the_next_heartbeat_and_made_good()
    {
        var daemon = new Daemon(1);
        daemon.World.Change(ClusterName.Parse("c0"), 5);
        daemon.World.Change(ClusterName.Parse("c0"), 5);
        daemon.World.Change(ClusterName.Parse("c0"), 5);
        var agent = new JoinedAgent(StreamFeatures.Known, SubscriberFilter.Everything);
        daemon.Connect(agent, 4096);
        agent.Rest();
        Assert.Equal(0, agent.Diverged);
        agent.Corrupt(ClusterName.Parse("c0"));

        agent.Rest();

        Assert.Equal(1, agent.Diverged);
        Assert.Equal(daemon.Expected("c0", SubscriberFilter.Everything), agent.View("c0"));
        agent.Rest();
        Assert.Equal(1, agent.Diverged);
    }

    [Fact]
    public void Who_comes_back_to_the_same_daemon_is_sent_what_it_missed_and_no_more()
    {
        var daemon = new Daemon(2, new MeshCacheOptions());
        foreach (var _ in Enumerable.Range(0, 200))
        {
            daemon.World.Step(clusters: 3, maxValue: 2000);
        }

        var agent = new JoinedAgent(StreamFeatures.Known, SubscriberFilter.Everything);
        daemon.Connect(agent, 64 << 10);
        agent.Rest();
        var (first, snapshots) = (agent.Bytes, agent.Ways["snapshot"]);
        daemon.World.Change(ClusterName.Parse("c1"), 1);

        daemon.Connect(agent, 64 << 10);
        agent.Rest();

        Assert.Equal(snapshots, agent.Ways["snapshot"]);
        Assert.InRange(agent.Bytes - first, 1, first / 10);
        Assert.All(Names, name => Assert.Equal(daemon.Expected(name, SubscriberFilter.Everything), agent.View(name)));
    }

    [Fact]
    public void Who_comes_to_a_restarted_daemon_of_the_same_content_is_sent_nothing()
    {
        var daemon = new Daemon(3, new MeshCacheOptions());
        foreach (var _ in Enumerable.Range(0, 50))
        {
            daemon.World.Step(clusters: 3);
        }

        var agent = new JoinedAgent(StreamFeatures.Known, SubscriberFilter.Everything);
        daemon.Connect(agent, 64 << 10);
        agent.Rest();
        var (snapshots, diffs) = (agent.Ways["snapshot"], agent.Ways["diff"]);
        foreach (var sameEpoch in new[] { true, false })
        {
            daemon.Restart(sameEpoch);
            daemon.Connect(agent, 64 << 10);
            agent.Rest();
            Assert.Equal((snapshots, diffs, 0), (agent.Ways["snapshot"], agent.Ways["diff"], agent.Diverged));
            Assert.All(Names, name => Assert.Equal(daemon.Expected(name, SubscriberFilter.Everything), agent.View(name)));
        }
    }

    private static void Run(int seed, StreamFeatures features, SubscriberFilter filter, Dictionary<string, int> ways)
    {
        var random = new Random(seed);
        var daemon = new Daemon(seed);
        var agent = new JoinedAgent(features, filter);
        var unconfirmed = new HashSet<string>();
        agent.Applied = sessionEvent =>
        {
            // Until its resources are synced, a snapshot and a cluster that appears only add.
            _ = sessionEvent switch
            {
                SnapshotReceived { IsDiff: false } snapshot => unconfirmed.Add(snapshot.Cluster.Value),
                ClusterAnnounced { AllFollows: true } announced => unconfirmed.Add(announced.Cluster.Value),
                ResourcesSynced synced => unconfirmed.Remove(synced.Cluster.Value),
                SessionOpened opened => opened.Clusters.Except(opened.Resumed.Select(resumed => resumed.Cluster)).All(cluster => unconfirmed.Add(cluster.Value)),
                _ => false,
            };
            foreach (var name in sessionEvent is HeartbeatReceived ? [] : Names.Except(unconfirmed))
            {
                var view = agent.View(name);
                Assert.True(view.Length == 0 || daemon.Ever(name, filter).Contains(view), $"'{view}' was never the state of {name}");
            }
        };
        daemon.Connect(agent, 1);
        for (var round = 0; round < 40; round++)
        {
            for (var steps = random.Next(12); steps > 0; steps--)
            {
                daemon.World.Step(clusters: Names.Length, maxValue: 60);
            }

            for (var frames = random.Next(20); frames > 0; frames--)
            {
                agent.Step(heartbeatDue: random.Next(8) == 0);
            }

            if (random.Next(5) == 0)
            {
                if (random.Next(4) == 0)
                {
                    daemon.Restart(sameEpoch: random.Next(2) == 0);
                }

                daemon.Connect(agent, 1 + random.Next(600));
            }
        }

        // A cluster that came again is as it was before until it is synced: so it is, in the end.
        foreach (var name in Names.SelectMany(name => Enumerable.Repeat(name, 3)))
        {
            daemon.World.Change(ClusterName.Parse(name), 1);
        }

        agent.Rest();
        Assert.Equal(0, agent.Diverged);
        foreach (var name in Names.Where(name => filter.Wants(ClusterName.Parse(name))))
        {
            Assert.Equal(daemon.Expected(name, filter), agent.View(name));
            Assert.True(agent.Replica.TryGet(ClusterName.Parse(name), out var replica));
            Assert.Equal(daemon.Cache.Clusters.Single(view => view.Cluster.Value == name).Digests.Of(filter.Resources), replica.Digest);
        }

        foreach (var (way, count) in agent.Ways)
        {
            ways[way] = ways.GetValueOrDefault(way) + count;
        }
    }

    private sealed class Daemon
    {
        private readonly MeshCacheOptions? _options;
        private readonly int _seed;
        private ClusterRoster _roster = new();
        private CatchUpRules _rules;
        private DaemonInstance _instance = new("d-0");
        private readonly Dictionary<string, HashSet<string>> _ever = [];
        private readonly Dictionary<string, int> _seen = [];
        private int _starts;

        public Daemon(int seed, MeshCacheOptions? options = null)
        {
            (_seed, _options, _rules) = (seed, options, Some.Rules());
            Cache = NewCache();
            World = new MeshWorld(Cache, new Random(seed));
        }

        public MeshCache Cache { get; private set; }

        public MeshWorld World { get; }

        public void Connect(JoinedAgent agent, int frameBytes) =>
            agent.Connect(Cache, _roster, _instance, _rules, frameBytes + FrameEncoding.MaxHeaderBytes);

        public void Restart(bool sameEpoch)
        {
            Cache = NewCache();
            (_roster, _instance) = (new ClusterRoster(), new DaemonInstance($"d-{++_starts}"));
            _rules = Some.Rules(conflateBeyond: 1 + (_seed % 50));
            World.MoveTo(Cache, sameEpoch);
        }

        public string Expected(string name, SubscriberFilter filter) => JoinedAgent.Text(World.ContentOf(name), filter);

        /// <summary>Every state that a cluster ever had; grows with the history.</summary>
        public HashSet<string> Ever(string name, SubscriberFilter filter)
        {
            var known = _ever.TryGetValue(name, out var ever) ? ever : _ever[name] = [];
            known.UnionWith(World.EverOf(name).Skip(_seen.GetValueOrDefault(name)).Select(state => JoinedAgent.Text(state, filter)));
            _seen[name] = World.EverOf(name).Count();
            return known;
        }

        private MeshCache NewCache() => new(_options ?? new MeshCacheOptions
        {
            RingBytes = 200 << (_seed % 7), SegmentBytes = 100 << (_seed % 3), SnapshotChunkBytes = 1 << (_seed % 12), Tombstones = _seed % 20,
        });
    }
}
