using System.Text;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Sinks;
using Microsoft.Extensions.Time.Testing;

namespace KvStoreMesh.Core.Tests.Sinks;

/// <summary>What the sources say, a mirror that is told so, and everything that can go wrong in between.</summary>
/// <param name="seed">Decides everything.</param>
/// <param name="losesLeases">
/// Leases end behind the mirror's back. Then nothing can be promised about order until it hears of it, so order is checked
/// only without.
/// </param>
/// <param name="electsLeader">Each daemon waits for the lead, which the one before it may still hold.</param>
internal sealed class SinkModel(int seed, bool losesLeases, bool electsLeader = false)
{
    private const string ConfigJson = """{"id":3,"capabilities":{"syncedCanaries":true,"serviceExportsEnabled":true}}""";
    private const string ConfigCopy = """{"id":3,"capabilities":{"syncedCanaries":true,"cached":true,"serviceExportsEnabled":true}}""";

    // The names share a prefix: a range without its slash would touch a neighbour.
    private static readonly ClusterName[] Names = [.. new[] { "foo", "foobar", "baz" }.Select(ClusterName.Parse)];

    private readonly Random _random = new(seed);
    private readonly Dictionary<ClusterName, ModelCluster> _sources = [];
    private readonly HashSet<string> _canariesSeen = [];
    private FakeTimeProvider _time = null!;
    private FakeLocalEtcd _etcd = null!;
    private MirrorRun _run = null!;
    private int _values;

    public void Run(int steps)
    {
        _time = new FakeTimeProvider(new DateTimeOffset(2026, 6, 25, 12, 0, 0, TimeSpan.Zero));
        _etcd = new FakeLocalEtcd(_time) { MaxOperations = _random.Next(2, 20), MaxRequestBytes = 2000, Applying = CheckOrder };
        StartDaemon();
        for (var i = 0; i < steps; i++)
        {
            Step();
        }

        Heal();
        CheckContent();
    }

    private static string Value(StoreEntry entry) => Encoding.UTF8.GetString(entry.Value);

    private void StartDaemon() => _run = new MirrorRun(
        new SinkOptions
        {
            KeysPerLease = 5,
            MaxOperations = 16,
            MaxBytes = 1500,
            MaxInFlight = 4,
            PageKeys = 3,
            LeaseTtl = TimeSpan.FromMinutes(15),
            ElectLeader = electsLeader,
        },
        _etcd,
        _time,
        _random.Next());

    private void Step()
    {
        switch (_random.Next(40))
        {
            case < 10:
                Change(Pick());
                break;
            case < 12:
                Sync(Pick());
                break;
            case 12:
                Remove(Pick());
                break;
            case 13:
                _time.Advance(TimeSpan.FromSeconds(_random.Next(1, 100)));
                break;
            case 14:
                _etcd.FailTransactions(_random.Next(3));
                break;
            case 15 when losesLeases && _etcd.Leases.Count > 0:
                _etcd.Revoke(_etcd.Leases[_random.Next(_etcd.Leases.Count)]);
                break;
            case 16 when _random.Next(4) == 0:
                _etcd.Wipe();
                break;
            case 17 when _random.Next(4) == 0:
                RestartDaemon();
                break;
            case 18 when _random.Next(4) == 0:
                // The owner failed: what was under way returns to nobody, or late.
                _run.Absorb();
                _run.Mirror.Recover();
                break;
            case 19:
                _etcd.IsDown = !_etcd.IsDown;
                break;
            default:
                Turn();
                break;
        }
    }

    // Some commands are taken; one of those under way ends, perhaps without an answer.
    private void Turn()
    {
        _run.Start();
        CheckOneWritePerKey();
        if (_run.Running.Count == 0)
        {
            _time.Advance(TimeSpan.FromMilliseconds(_random.Next(1, 500)));
            return;
        }

        var command = _run.Running[_random.Next(_run.Running.Count)];
        if (_random.Next(20) > 0)
        {
            _run.Finish(command);
            return;
        }

        var error = MirrorRun.Error(command);
        _run.Running.Remove(command);
        _run.Mirror.Complete(command, error ?? new StoreException(StoreFailure.Unavailable, "the answer is lost"));
    }

    private ClusterName Pick() => Names[_random.Next(Names.Length)];

    private ModelCluster Source(ClusterName name)
    {
        if (!_sources.TryGetValue(name, out var source))
        {
            _sources.Add(name, source = new ModelCluster());
            _run.Feed.Apply(MirrorRun.Delta(name, [MirrorRun.Config(ConfigJson)]));
        }
        else if (source.IsSilent && _random.Next(2) == 0)
        {
            Replay(name, source);
        }

        return source;
    }

    private void Change(ClusterName name)
    {
        var source = Source(name);
        var changes = new List<MeshChange>();
        for (var i = _random.Next(1, 8); i > 0; i--)
        {
            var kind = SinkKeys.Resources[_random.Next(SinkKeys.Resources.Count)];
            if (kind == ResourceKind.EndpointSlices)
            {
                continue;
            }

            var key = new MeshKey(kind, $"k{_random.Next(12)}");
            if (_random.Next(3) == 0)
            {
                source.Delete(key);
                changes.Add(new MeshChange(key, null, 1, 0));
            }
            else
            {
                var value = _random.Next(6) == 0 && source.Data.TryGetValue(key, out var same) ? same : MirrorRun.Bytes($"v{_values++}");
                source.Put(key, value);
                changes.Add(new MeshChange(key, value, 1, 1));
            }
        }

        if (!source.IsSilent)
        {
            _run.Feed.Apply(MirrorRun.Delta(name, changes));
            AbsorbSometimes();
        }
    }

    private void Sync(ClusterName name)
    {
        var source = Source(name);
        var kind = SinkKeys.Resources[_random.Next(SinkKeys.Resources.Count)];
        if (source.Sync(kind))
        {
            _run.Feed.Apply(MirrorRun.Delta(name, [], kind));
            AbsorbSometimes();
        }
    }

    private void AbsorbSometimes()
    {
        if (_random.Next(2) == 0)
        {
            _run.Absorb();
        }
    }

    private void Remove(ClusterName name)
    {
        _sources.Remove(name);
        _run.Feed.Remove(name);
    }

    private void RestartDaemon()
    {
        // Calls of the old process may still take effect, until its connection is gone.
        foreach (var command in _run.Running.Where(_ => _random.Next(2) == 0).ToList())
        {
            MirrorRun.Error(command);
        }

        StartDaemon();
        foreach (var (name, source) in _sources)
        {
            source.Restart();
            _run.Feed.Configure(name);
            if (_random.Next(3) > 0)
            {
                Replay(name, source);
            }
            else
            {
                source.IsSilent = true;
            }
        }
    }

    private void Replay(ClusterName name, ModelCluster source)
    {
        source.IsSilent = false;
        _run.Feed.Apply(MirrorRun.Delta(
            name, [MirrorRun.Config(ConfigJson), .. source.Data.Select(pair => new MeshChange(pair.Key, pair.Value, 1, 1))]));
    }

    private void Heal()
    {
        _etcd.IsDown = false;
        _etcd.FailTransactions(0);
        foreach (var (name, source) in _sources)
        {
            Replay(name, source);
            SinkKeys.Resources.ToList().ForEach(kind => source.Sync(kind));
            _run.Feed.Apply(MirrorRun.Delta(name, [], [.. SinkKeys.Resources]));
        }

        // Longer than a lease lives, than a drain takes, and than anything is retried.
        _run.Pass(TimeSpan.FromMinutes(40));
    }

    private void CheckContent()
    {
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, source) in _sources)
        {
            expected.Add(CiliumKeys.ClusterConfig(name), ConfigCopy);
            foreach (var (key, value) in source.Data)
            {
                expected.Add(SinkKeys.Of(name, key), Encoding.UTF8.GetString(value));
            }

            foreach (var kind in SinkKeys.Resources)
            {
                expected.Add(SinkKeys.Canary(name, kind), "canary");
            }
        }

        var held = Mirrored().Select(entry =>
            new KeyValuePair<string, string>(entry.Key, entry.Key.StartsWith("cilium/synced/", StringComparison.Ordinal) ? "canary" : Value(entry)));
        Assert.Equal(expected, held);
        Assert.All(Mirrored(), entry => Assert.Contains(entry.Lease, _etcd.Leases));
        Assert.All(Mirrored().GroupBy(entry => entry.Lease), lease => Assert.InRange(lease.Count(), 1, 5));
    }

    private IEnumerable<StoreEntry> Mirrored() =>
        _etcd.Entries.Where(entry => !entry.Key.StartsWith(SinkKeys.Locks, StringComparison.Ordinal));

    private void CheckOneWritePerKey()
    {
        var keys = _run.Running.OfType<WriteCommand>().SelectMany(command => command.Writes).Select(write => write.Entry.StoreKey).ToList();
        Assert.Equal(keys.Count, keys.Distinct().Count());
    }

    private void CheckOrder(IReadOnlyList<StoreOperation> operations)
    {
        if (losesLeases)
        {
            return;
        }

        foreach (var operation in operations.Where(operation => !operation.IsDelete && !operation.Key.StartsWith(SinkKeys.Locks, StringComparison.Ordinal)))
        {
            var name = Names.Single(name => operation.Key.Split('/').Contains(name.Value));
            if (operation.Key.StartsWith("cilium/cache/", StringComparison.Ordinal))
            {
                Assert.True(_etcd.Holds(CiliumKeys.ClusterConfig(name)), $"{operation.Key} before the config");
            }
            else if (operation.Key.StartsWith("cilium/synced/", StringComparison.Ordinal) && !_etcd.Holds(operation.Key))
            {
                CheckCanary(name, SinkKeys.Resources.Single(kind => SinkKeys.Canary(name, kind) == operation.Key));
            }
        }
    }

    private void CheckCanary(ClusterName name, ResourceKind kind)
    {
        if (!_sources.TryGetValue(name, out var source))
        {
            return;
        }

        var first = _canariesSeen.Add(SinkKeys.Canary(name, kind));
        Assert.True(!first || source.WasSynced(kind), $"canary of {name} {kind} before it is synced");
        var held = _etcd.Entries.ToDictionary(entry => entry.Key, Value);
        foreach (var (key, value) in source.UnchangedSinceSync(kind))
        {
            Assert.True(
                held.TryGetValue(SinkKeys.Of(name, key), out var found) && found == Encoding.UTF8.GetString(value),
                $"canary of {name} before {key}");
        }
    }
}
