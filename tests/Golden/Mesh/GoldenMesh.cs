using System.Text;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Golden.Kinds;
using KvStoreMesh.TestSupport.Sinks;
using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Golden.Mesh;

/// <summary>
/// A daemon's way in pure code: a source's etcd, the replica of it, the sink with the local etcd, and an agent.
/// </summary>
internal sealed class GoldenMesh
{
    /// <summary>All resources, as an apiserver of 1.20 announces them.</summary>
    public const string FullConfig =
        """{"id":ID,"capabilities":{"syncedCanaries":true,"maxConnectedClusters":255,"serviceExportsEnabled":true,"endpointSlicesExportMode":"services-and-endpointslices"}}""";

    public static readonly ClusterName Local = ClusterName.Parse("local");

    private readonly Dictionary<ClusterName, SourceDriver> _sources = [];

    public GoldenMesh(SinkOptions? options = null, ClusterName? local = null, uint localId = 99)
    {
        Run = new MirrorRun(options);
        Agent = new GoldenAgent(local ?? Local, localId);
    }

    public MirrorRun Run { get; }

    public GoldenAgent Agent { get; }

    /// <summary>What every delta changed, as <c>U key=value</c> and <c>D key</c>, and <c>synced</c> marks.</summary>
    public List<string> Observed { get; } = [];

    public SourceDriver Source(ClusterName cluster)
    {
        if (!_sources.TryGetValue(cluster, out var source))
        {
            source = new SourceDriver(cluster, new Random(1)) { Publish = Publish };
            _sources.Add(cluster, source);
        }

        return source;
    }

    /// <summary>Content of the local etcd without canaries and configs.</summary>
    public Dictionary<string, string> LocalData() => LocalContent()
        .Where(entry => entry.Key.StartsWith("cilium/cache/", StringComparison.Ordinal)).ToDictionary();

    public Dictionary<string, string> LocalContent() => Run.Etcd.Entries.ToDictionary(entry => entry.Key, entry => Convert.ToHexString(entry.Value));

    public string? LocalValue(string key) => Run.Value(key);

    /// <summary>Makes the source's data exactly this, one change at a time; configs and canaries stay.</summary>
    public void SetState(ClusterName cluster, IReadOnlyCollection<GoldenPair> pairs)
    {
        var source = Source(cluster);
        foreach (var prefix in new[] { CiliumKeys.State, CiliumKeys.Cache })
        {
            foreach (var entry in source.Etcd.List(SourceRange.Prefix(prefix), null, 0, int.MaxValue).Entries)
            {
                if (pairs.All(pair => pair.Key != entry.Key))
                {
                    source.Etcd.Delete(entry.Key);
                    source.PumpAll();
                }
            }
        }

        foreach (var pair in pairs)
        {
            source.Etcd.Put(pair.Key, pair.Value);
            source.PumpAll();
        }
    }

    public static string Text(byte[] value) => Encoding.UTF8.GetString(value);

    private void Publish(ClusterDelta delta)
    {
        foreach (var change in delta.Changes.Where(change => change.Key.Kind != ResourceKind.ClusterConfig))
        {
            Observed.Add(change.Value is null ? $"D {change.Key.Name}" : $"U {change.Key.Name}={Text(change.Value)}");
        }

        Observed.AddRange(delta.NewlySynced.Select(kind => $"synced {kind}"));
        Run.Apply(delta);
        Agent.Apply(delta);
    }
}
