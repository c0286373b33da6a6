using System.Collections.Immutable;
using System.Text;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>A few clusters that change at random, fed into a real cache; remembers every state each of them ever had.</summary>
internal sealed class MeshWorld(MeshCache firstCache, Random random)
{
    private readonly Dictionary<string, List<ImmutableDictionary<MeshKey, string>>> _ever = [];
    private MeshCache _cache = firstCache;

    private static readonly ResourceKind[] Kinds = [ResourceKind.Endpoints, ResourceKind.Services];
    private static readonly ResourceKind[] Synced = [.. Enum.GetValues<ResourceKind>().Where(kind => kind != ResourceKind.ClusterConfig)];

    private readonly Dictionary<ClusterName, Cluster> _clusters = [];
    private readonly Dictionary<uint, SortedList<long, ImmutableDictionary<MeshKey, string>>> _history = [];
    private ulong _epochs;

    /// <summary>The clusters as they are now, by index.</summary>
    public Dictionary<uint, ImmutableDictionary<MeshKey, string>> Current =>
        _cache.Clusters.ToDictionary(view => view.Index, view => _clusters[view.Cluster].Content);

    /// <summary>What a cluster holds; nothing if it is not there.</summary>
    public IEnumerable<(MeshKey Key, string Value)> ContentOf(string name) =>
        _clusters.TryGetValue(ClusterName.Parse(name), out var cluster) ? cluster.Content.Select(pair => (pair.Key, pair.Value)) : [];

    /// <summary>Every state that a cluster ever had, removals and restarts or not.</summary>
    public IEnumerable<IEnumerable<(MeshKey Key, string Value)>> EverOf(string name) =>
        _ever.GetValueOrDefault(name, []).Select(state => state.Select(pair => (pair.Key, pair.Value)));

    /// <summary>The daemon starts anew, from what it had kept of each cluster or by listing it.</summary>
    public void MoveTo(MeshCache next, bool sameEpoch)
    {
        _cache = next;
        _history.Clear();
        foreach (var (name, cluster) in _clusters)
        {
            cluster.Epoch = sameEpoch ? cluster.Epoch : new SourceEpoch(++_epochs);
            Apply(
                name,
                cluster,
                [.. cluster.Content.Select(pair => new MeshChange(pair.Key, Encoding.UTF8.GetBytes(pair.Value), cluster.Revisions[pair.Key], 1))],
                cluster.Revision >= 3 ? Synced : [],
                "restarted");
        }
    }

    /// <summary>The state of a cluster after the group that ends at, or next after, a seq.</summary>
    public ImmutableDictionary<MeshKey, string> StateAt(uint index, long seq) =>
        _history[index].First(state => state.Key >= seq).Value;

    /// <summary>One random thing happens to one of so many clusters.</summary>
    public void Step(int clusters, int maxValue = 200)
    {
        var name = ClusterName.Parse($"c{random.Next(clusters)}");
        switch (random.Next(40))
        {
            case 0 when _clusters.ContainsKey(name):
                Remove(name);
                break;
            case 1:
                Relist(name, maxValue);
                break;
            default:
                Change(name, 1 + random.Next(8), maxValue);
                break;
        }
    }

    /// <summary>One group of changes; a cluster that is not there appears, and is synced a few groups later.</summary>
    public void Change(ClusterName name, int changes, int maxValue = 200)
    {
        if (!_clusters.TryGetValue(name, out var cluster))
        {
            _clusters[name] = cluster = new Cluster { Epoch = new SourceEpoch(++_epochs) };
        }

        cluster.Revision++;
        var made = new List<MeshChange>();
        for (var i = 0; i < changes; i++)
        {
            var key = new MeshKey(Kinds[random.Next(Kinds.Length)], $"k{random.Next(30)}");
            if (random.Next(4) == 0)
            {
                cluster.Content = cluster.Content.Remove(key);
                made.Add(new MeshChange(key, null, cluster.Revision, 0));
            }
            else
            {
                made.Add(Put(cluster, key, maxValue));
            }
        }

        IReadOnlyList<ResourceKind> synced = cluster.Revision == 3 ? Synced : [];
        Apply(name, cluster, made, synced, null);
    }

    /// <summary>The operator removes a cluster.</summary>
    public void Remove(ClusterName name)
    {
        _clusters.Remove(name);
        _cache.Remove(name);
    }

    private void Relist(ClusterName name, int maxValue)
    {
        if (!_clusters.TryGetValue(name, out var cluster))
        {
            return;
        }

        var before = cluster.Content;
        cluster.Epoch = new SourceEpoch(++_epochs);
        cluster.Revision = 100;
        cluster.Content = ImmutableDictionary<MeshKey, string>.Empty;
        var listed = new List<MeshChange>();
        foreach (var (key, value) in before.Where(_ => random.Next(3) > 0))
        {
            cluster.Content = cluster.Content.Add(key, value);
            listed.Add(new MeshChange(key, Encoding.UTF8.GetBytes(value), 50, 50));
        }

        listed.Add(Put(cluster, new MeshKey(ResourceKind.Services, "new"), maxValue));
        Apply(name, cluster, listed, Synced, "restored from a backup");
    }

    private MeshChange Put(Cluster cluster, MeshKey key, int maxValue)
    {
        var value = $"{cluster.Revision}-" + new string('x', random.Next(maxValue));
        cluster.Content = cluster.Content.SetItem(key, value);
        return new MeshChange(key, Encoding.UTF8.GetBytes(value), cluster.Revision, cluster.Revision);
    }

    private void Apply(
        ClusterName name, Cluster cluster, List<MeshChange> changes, IReadOnlyList<ResourceKind> synced, string? reason)
    {
        _cache.Apply(new ClusterDelta(
            name, new SourcePosition(cluster.Epoch, cluster.Revision), changes, synced, reason, TimeProvider.System.GetTimestamp()));
        foreach (var change in changes)
        {
            cluster.Revisions[change.Key] = change.Revision;
        }

        (_ever.TryGetValue(name.Value, out var ever) ? ever : _ever[name.Value] = []).Add(cluster.Content);
        var view = _cache.Clusters.Single(view => view.Cluster == name);
        if (!_history.TryGetValue(view.Index, out var states))
        {
            _history[view.Index] = states = [];
        }

        states[view.Seq] = cluster.Content;
    }

    private sealed class Cluster
    {
        public SourceEpoch Epoch { get; set; }

        public long Revision { get; set; }

        public Dictionary<MeshKey, long> Revisions { get; } = [];

        public ImmutableDictionary<MeshKey, string> Content { get; set; } = ImmutableDictionary<MeshKey, string>.Empty;
    }
}
