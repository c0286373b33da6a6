using System.Globalization;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Core.Tests.Replication;

/// <summary>
/// One cluster that lives: its etcd with every state it ever had, the driver that replicates it, and what the cache held
/// after each group.
/// </summary>
internal sealed class SourceWorld
{
    private static readonly string[] Capabilities =
    [
        """{"syncedCanaries":true}""",
        """{"syncedCanaries":true,"serviceExportsEnabled":false,"endpointSlicesExportMode":"services-and-endpointslices"}""",
        """{"syncedCanaries":true,"endpointSlicesExportMode":"endpointslices-only"}""",
        """{"syncedCanaries":true,"cached":true,"serviceExportsEnabled":true}""",
        "{}",
    ];

    private readonly MeshCache _cache;
    private readonly bool _ordered;

    // The states of the present etcd, by revision.
    private readonly List<SortedDictionary<string, string>> _states = [];
    private readonly Dictionary<MeshKey, MeshChange> _kept = [];
    private SourceCheckpoint? _checkpoint;
    private int _values;

    public SourceWorld(string name, MeshCache cache, Random random, bool ordered)
    {
        (_cache, _ordered) = (cache, ordered);
        Driver = new(ClusterName.Parse(name), random) { Ordered = ordered, Publish = Publish };
        Driver.PutConfig(Capabilities[0], 1);
        Remember();
    }

    public SourceDriver Driver { get; }

    /// <summary>What the cache held, by the seq of its last record or mark, of each index the cluster had.</summary>
    public Dictionary<uint, SortedList<long, SortedDictionary<string, string>>> Published { get; } = [];

    private IEnumerable<string> Keys
    {
        get
        {
            var own = Driver.Cluster.Value;
            foreach (var c in new[] { "a", "b" })
            {
                yield return $"cilium/state/nodes/v1/{own}/{c}";
                yield return $"cilium/state/nodes/v1/{own}x/{c}";
                yield return $"cilium/state/services/v1/{own}/ns/{c}";
                yield return $"cilium/state/endpointslices/v1/{own}/ns/{c}";
                yield return $"cilium/state/serviceexports/v1/{own}/ns/{c}";
                yield return $"cilium/state/ip/v1/default/10.0.0.{(int)c[0]}";
                yield return $"cilium/state/identities/v1/id/{(int)c[0]}";
                yield return $"cilium/cache/nodes/v1/{own}/{c}";
                yield return $"cilium/cache/identities/v1/{own}/id/{(int)c[0]}";
            }

            yield return "cilium/state/identities/v1/value/k8s:x;/1";
            yield return CiliumKeys.Heartbeat;
        }
    }

    public void Write(int seed)
    {
        var random = new Random(seed);
        var keys = Keys.ToArray();
        random.Shuffle(keys);
        var writes = keys.Take(random.Next(1, 5)).Select(key => random.Next(3) == 0
            ? SourceWrite.Delete(key)
            : SourceWrite.Put(key, (_values++).ToString(CultureInfo.InvariantCulture)));
        Driver.Etcd.Write([.. writes]);
        Remember();
    }

    public void PutCanary(int seed)
    {
        Driver.PutCanaries((ResourceKind)(2 + (seed % 6)));
        Remember();
    }

    public void PutConfig(int seed)
    {
        Driver.PutConfig(Capabilities[seed % Capabilities.Length], 1 + (seed % 3));
        Remember();
    }

    /// <summary>The exporter starts with an empty etcd, as it does at each restart of its pod.</summary>
    public void Wipe(int seed)
    {
        Driver.Disconnect();
        var cluster = Driver.Etcd.ClusterId;
        Driver.Etcd = new(seed % 2 == 0 ? cluster : cluster + 1);
        _states.Clear();
        PutConfig(seed / 2);

        // Now and then it is busier than its predecessor was, so that its revision is soon higher.
        for (var i = seed % 5 == 0 ? 60 : 0; i > 0; i--)
        {
            Write(seed + i);
        }
    }

    /// <summary>
    /// Forgets history; while nobody watches up to any revision, so that deletions are lost as etcd 3.4 loses them. Not so
    /// while a watch is open and behind: what is lost to it then, nobody can notice before the next audit.
    /// </summary>
    public void Compact(int seed)
    {
        var etcd = Driver.Etcd;
        etcd.Compact(Driver.Watching || seed % 4 == 0 || etcd.Revision == etcd.CompactedRevision
            ? etcd.Put("elsewhere", "x")
            : etcd.CompactedRevision + 1 + (seed % (etcd.Revision - etcd.CompactedRevision)));
        Remember();
    }

    /// <summary>The daemon starts again: with what it kept, or without anything after a crash of the actor.</summary>
    public void Restart(int seed)
    {
        if (seed % 4 > 0 && _checkpoint is { } checkpoint)
        {
            Publish(Driver.Restart(checkpoint, _kept.Values), keep: false);
        }
        else
        {
            Driver.Forget();
        }
    }

    public void Remove()
    {
        Driver.Forget();
        _checkpoint = null;
        _cache.Remove(Driver.Cluster);
    }

    /// <summary>
    /// Everything is announced and delivered. A watch that is open stays, as a list would heal what it has lost.
    /// </summary>
    public void ComeToRest(int capabilities)
    {
        if (!Driver.Watching)
        {
            PutConfig(capabilities);
        }

        for (var kind = 0; kind < 6; kind++)
        {
            PutCanary(kind);
        }

        Driver.Settle();
        Assert.True(Driver.Watching);
        Assert.True(Driver.Replica.IsFullySynced);
    }

    /// <summary>What a reader has to hold in the end: the source, and its config.</summary>
    public SortedDictionary<string, string> Expected()
    {
        var expected = Mapped(_states[^1], Driver.Replica.Layout!.Resources);
        expected["ClusterConfig/"] = _states[^1][CiliumKeys.ClusterConfig(Driver.Cluster)];
        return expected;
    }

    // Every revision has a state, as a canary is written in two.
    private void Remember()
    {
        while (_states.Count <= Driver.Etcd.Revision)
        {
            var page = Driver.Etcd.List(SourceRange.Prefix("cilium/"), null, Math.Max(_states.Count, 1), int.MaxValue);
            _states.Add(new(page.Entries.ToDictionary(e => e.Key, e => System.Text.Encoding.UTF8.GetString(e.Value)), StringComparer.Ordinal));
        }
    }

    // As a database would, which knows nothing but deltas and checkpoints.
    private void Keep(ClusterDelta delta)
    {
        if (delta.BeginsFromNothing)
        {
            _kept.Clear();
        }

        foreach (var change in delta.Changes)
        {
            _kept.Remove(change.Key);
            if (!change.IsDelete)
            {
                _kept.Add(change.Key, change);
            }
        }

        _checkpoint = Driver.Replica.Checkpoint();
    }

    private void Publish(ClusterDelta delta) => Publish(delta, keep: true);

    private void Publish(ClusterDelta delta, bool keep)
    {
        if (keep)
        {
            Keep(delta);
        }

        // I13: only what was listed, and only what the source says it does not offer, is ever deleted wholesale.
        var layout = Driver.Replica.Layout!;
        Assert.All(delta.NewlySynced, kind => Assert.True(Driver.Replica.IsSynced(kind)));

        // I6: nothing is called complete before the source has said so.
        Assert.All(
            Driver.Replica.Config!.Capabilities.SyncedCanaries ? delta.NewlySynced.Intersect(layout.Resources) : [],
            kind => Assert.Contains(CiliumKeys.Canaries(Driver.Cluster) + ResourcePrefixes.State(kind), _states[^1].Keys));
        Assert.All(
            delta.Changes.Where(change => change.IsDelete),
            change => Assert.True(Driver.Replica.IsSynced(change.Key.Kind), $"{change.Key} was deleted while its resource was not known"));

        var before = _cache.Clusters.FirstOrDefault(view => view.Cluster == Driver.Cluster);
        var kept = before is null ? [] : ReaderCluster.From(_cache.Snapshot(Driver.Cluster)!).Content;
        _cache.Apply(delta);
        var snapshot = _cache.Snapshot(Driver.Cluster)!;
        var content = ReaderCluster.From(snapshot).Content;
        Assert.All(
            kept.Where(key => key.Key != "ClusterConfig/" && !Driver.Replica.IsSynced(Enum.Parse<ResourceKind>(key.Key.Split('/')[0]))),
            key => Assert.Equal(key.Value, content[key.Key]));

        var synced = snapshot.View.Synced.Where(Driver.Replica.IsSynced).ToList();
        foreach (var kinds in _ordered ? [synced] : synced.Select(kind => new List<ResourceKind> { kind }))
        {
            var shown = new SortedDictionary<string, string>(
                content.Where(key => kinds.Any(kind => key.Key.StartsWith($"{kind}/", StringComparison.Ordinal))).ToDictionary(), StringComparer.Ordinal);
            Assert.True(
                _states.Any(state => shown.SequenceEqual(Mapped(state, kinds.Where(layout.Resources.Contains)))),
                $"I2: {string.Join(' ', kinds)} of {Driver.Cluster} are not as they ever were at the source");
        }

        var index = snapshot.View.Index;
        (Published.TryGetValue(index, out var published) ? published : Published[index] = [])[snapshot.View.Seq] = content;
    }

    private SortedDictionary<string, string> Mapped(SortedDictionary<string, string> state, IEnumerable<ResourceKind> kinds)
    {
        var layout = Driver.Replica.Layout!;
        var wanted = kinds.ToHashSet();
        var mapped = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in state)
        {
            if (layout.TryMap(key, out var meshKey) && wanted.Contains(meshKey.Kind))
            {
                mapped[$"{meshKey.Kind}/{meshKey.Name}"] = value;
            }
        }

        return mapped;
    }
}
