using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Protos.V1;
using Kind = KvStoreMesh.Protos.V1.ResourceKind;
using Record = KvStoreMesh.Protos.V1.Record;

namespace KvStoreMesh.Core.Tests.Replication;

/// <summary>One cluster as a reader knows it.</summary>
internal sealed class ReaderCluster(string name)
{
    private readonly Dictionary<(Kind, string), Record> _keys = [];
    private readonly Dictionary<(Kind, string), long> _deletedAt = [];

    public string Name => name;

    public ulong Epoch { get; private set; }

    public long SnapshotSeq { get; set; }

    public HashSet<Kind> Synced { get; } = [];

    /// <summary>Key and value, in a form that compares.</summary>
    public SortedDictionary<string, string> Content => new(
        _keys.ToDictionary(key => $"{key.Key.Item1}/{key.Key.Item2}", key => key.Value.Value.ToStringUtf8()), StringComparer.Ordinal);

    public static ReaderCluster From(ClusterSnapshot snapshot)
    {
        var cluster = new ReaderCluster(snapshot.View.Cluster.Value)
        {
            SnapshotSeq = snapshot.View.Seq,
            Epoch = snapshot.View.Position.Epoch.Value,
        };
        cluster.Synced.UnionWith(snapshot.View.Synced.Select(kind => (Kind)kind));
        foreach (var chunk in snapshot.Chunks)
        {
            foreach (var record in Delta.Parser.ParseFrom(chunk.Plain.Span).Records)
            {
                Assert.Equal((0, snapshot.View.Index, Op.Put), (record.Seq, record.ClusterIx, record.Op));
                Assert.True(cluster._keys.TryAdd((record.Kind, record.Name), record));
            }
        }

        Assert.Equal(snapshot.View.Keys, cluster._keys.Count);
        Assert.Equal(
            snapshot.View.Bytes, cluster._keys.Values.Sum(record => System.Text.Encoding.UTF8.GetByteCount(record.Name) + record.Value.Length));
        cluster.MustMatch(snapshot.View);
        return cluster;
    }

    /// <summary>The digest that the cache counts along is that of what is held here.</summary>
    public void MustMatch(MeshClusterView view) => Assert.Equal(
        view.Digests.Of(ResourceSet.All),
        _keys.Values.Aggregate(
            default(ContentDigest), (sum, record) => sum + ContentDigest.Of(new((Core.Keys.ResourceKind)record.Kind, record.Name), record.Value.Span)));

    /// <summary>What changed since a place where this reader stood, as one step.</summary>
    public void Apply(ClusterDiff diff)
    {
        if (diff.IsNewEpoch)
        {
            BeginEpoch(Epoch, diff.View.Position.Epoch.Value);
        }

        Assert.Equal(Epoch, diff.View.Position.Epoch.Value);
        Assert.Equal(
            diff.Changes.OrderBy(change => change.IsDelete).ThenBy(change => change.IsDelete ? -(int)change.Key.Kind : (int)change.Key.Kind).ToList(),
            diff.Changes);
        Assert.Equal(diff.Changes.Count, diff.Changes.DistinctBy(change => change.Key).Count());
        foreach (var record in diff.Chunks(100).SelectMany(chunk => Delta.Parser.ParseFrom(chunk.Span).Records))
        {
            Assert.Equal((0, diff.View.Index), (record.Seq, record.ClusterIx));
            if (record.Op == Op.Put || _keys.ContainsKey((record.Kind, record.Name)))
            {
                Apply(record);
            }
        }

        SnapshotSeq = diff.View.Seq;
        Synced.Clear();
        Synced.UnionWith(diff.View.Synced.Select(kind => (Kind)kind));
        MustMatch(diff.View);
    }

    /// <summary>I1 over a snapshot: no key is older than it was.</summary>
    public void MustFollow(ReaderCluster before)
    {
        foreach (var (key, record) in _keys)
        {
            if (Epoch == before.Epoch && record.Revision != 0 && before._keys.TryGetValue(key, out var old))
            {
                Assert.True(record.Revision >= old.Revision, $"{key}: {record.Revision} in a snapshot after {old.Revision}");
            }
        }
    }

    public void BeginEpoch(ulong old, ulong next)
    {
        Assert.Equal(Epoch, old);
        Epoch = next;
        Synced.Clear();
        _deletedAt.Clear();
        foreach (var record in _keys.Values)
        {
            // What was known stays, but its revisions compare with nothing any more.
            (record.Revision, record.CreateRevision) = (0, 0);
        }
    }

    /// <summary>I1 and I4: revisions of a key only rise within an epoch, and what was deleted comes back only as a newer creation.</summary>
    public void Apply(Record record)
    {
        var key = (record.Kind, record.Name);
        var held = _keys.TryGetValue(key, out var old);
        Assert.True(!held || record.Revision > old!.Revision || record.Revision == 0, $"I1: {key} at {record.Revision} after {old?.Revision}");
        if (record.Op == Op.Delete)
        {
            Assert.True(held, $"{key} was deleted without having been there");
            _keys.Remove(key);
            _deletedAt[key] = record.Revision;
            return;
        }

        Assert.True(
            !_deletedAt.TryGetValue(key, out var deleted) || record.CreateRevision > deleted || record.Revision == 0,
            $"I4: {key} deleted at {deleted} came back with create revision {record.CreateRevision}");
        _keys[key] = record;
    }
}
