using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.MeshBench.Mock;

/// <summary>All mock clusters, and whose turn it is to change. Pure; not thread-safe.</summary>
public sealed class MockMesh
{
    private readonly MockCluster[] _clusters;
    private readonly Random _random;
    private readonly (ResourceKind Kind, double UpTo)[] _weights;

    /// <param name="clusters">The clusters.</param>
    /// <param name="weights">How often each resource changes, in relation to the others.</param>
    /// <param name="random">Of a given seed, so that two runs write the same.</param>
    public MockMesh(IEnumerable<MockCluster> clusters, MockWeights weights, Random random)
    {
        (_clusters, _random) = ([.. clusters], random);
        var sum = 0.0;
        _weights = [.. weights.All.Select(weight => (weight.Kind, sum += weight.Weight))];
    }

    public int Clusters => _clusters.Length;

    /// <summary>The initial content cluster by cluster, in an order in which each part may be read when it is there.</summary>
    public IEnumerable<MockWrite> Fill() => _clusters.SelectMany(cluster => cluster.Fill(_random));

    public IEnumerable<MockWrite> Configs() => _clusters.Select(cluster => cluster.Config());

    public IEnumerable<MockWrite> Canaries() => _clusters.SelectMany(cluster => cluster.Canaries());

    /// <summary>The next change anywhere.</summary>
    /// <param name="now">The monotonic clock, which goes into the value.</param>
    public MockWrite Next(long now)
    {
        var drawn = _random.NextDouble() * _weights[^1].UpTo;
        var kind = Array.Find(_weights, weight => drawn < weight.UpTo).Kind;
        return Any().Change(kind == default ? ResourceKind.Endpoints : kind, _random, now);
    }

    /// <summary>The next change that is an update of an endpoint.</summary>
    public MockWrite NextUpdate(long now) => Any().UpdateEndpoint(_random, now);

    /// <summary>Updates of so many different endpoints of the first cluster.</summary>
    public IReadOnlyList<MockWrite> UpdateDistinct(int count, long now) => _clusters[0].UpdateDistinct(count, _random, now);

    private MockCluster Any() => _clusters[_random.Next(_clusters.Length)];
}
