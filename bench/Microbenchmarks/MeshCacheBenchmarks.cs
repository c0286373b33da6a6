using BenchmarkDotNet.Attributes;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.MeshBench.Mock;

namespace KvStoreMesh.Microbenchmarks;

/// <summary>
/// The cache's side of the fan-out: taking a change in (ring append), visiting subscribers (sweep), and building what a new
/// one gets (snapshot). One cluster of the given number of keys, values as Cilium's.
/// </summary>
[MemoryDiagnoser]
public class MeshCacheBenchmarks
{
    private const int Subscribers = 1_000;
    private const int FrameBytes = 64 << 10;
    private static readonly ClusterName Cluster = ClusterName.Parse("cluster-001");

    private readonly MeshCache _cache = new(new MeshCacheOptions());
    private readonly long[] _cursors = new long[Subscribers];
    private MockMesh _mesh = null!;
    private SourceLayout _layout = null!;
    private ClusterDelta[] _updates = [];
    private long _revision = 1;
    private int _next;

    /// <summary>Keys of the cluster.</summary>
    [Params(1_200, 20_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var shape = MockShape.OfKeys(Keys);
        _mesh = new MockMesh([new MockCluster(0, Cluster.Value, 1, shape, MockLayout.Cached)], MockWeights.ScaleTest, new Random(1));
        _layout = CiliumClusterConfig.TryParse(_mesh.Configs().Single().Value, out var config, out var error)
            ? new SourceLayout(Cluster, config.Capabilities)
            : throw new InvalidOperationException(error);
        _cache.Apply(Delta([.. _mesh.Fill().Select(Change)]));
        // Made before the measurement: it is of the cache, not of the mock.
        _updates = [.. Enumerable.Range(0, 10_000).Select(now => Delta([Change(_mesh.NextUpdate(now))]))];
    }

    /// <summary>One change: state, ring and head.</summary>
    [Benchmark(Description = "ring append")]
    public void Append() => _cache.Apply(Next());

    /// <summary>One change, then every subscriber's read of it, as a sweep does without the network.</summary>
    [Benchmark(Description = "sweep of 1,000 subscribers after a change")]
    public long Sweep()
    {
        _cache.Apply(Next());
        var bytes = 0L;
        for (var i = 0; i < _cursors.Length; i++)
        {
            var read = _cache.Read(Math.Max(_cursors[i], _cache.Horizon), FrameBytes);
            _cursors[i] = read.LastSeq;
            bytes += read.Bytes.Length;
        }

        return bytes;
    }

    /// <summary>A snapshot after a change, which nobody has built yet.</summary>
    [Benchmark(Description = "snapshot build")]
    public int Snapshot()
    {
        _cache.Apply(Next());
        return _cache.Snapshot(Cluster)!.Chunks.Count;
    }

    // A position of its own, or the cache would see what it holds already.
    private ClusterDelta Next()
    {
        var update = _updates[_next++ % _updates.Length];
        var revision = ++_revision;
        return update with
        {
            Position = update.Position with { Revision = revision },
            Changes = [update.Changes[0] with { Revision = revision }],
        };
    }

    private ClusterDelta Delta(MeshChange[] changes) => new(Cluster, new SourcePosition(new SourceEpoch(1), _revision), changes, [], null, 0);

    private MeshChange Change(MockWrite write)
    {
        return _layout.TryMap(write.Key, out var key)
            ? new MeshChange(key, write.Value, _revision, 1)
            : throw new InvalidOperationException($"{write.Key} is of no resource");
    }
}
