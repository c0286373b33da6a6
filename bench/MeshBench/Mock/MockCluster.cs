using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.MeshBench.Mock;

/// <summary>
/// One cluster in the shape of Cilium's public mock (cilium/scaffolding, cmapisrv-mock): what it holds, and what its next
/// change is. Pure: randomness and time come in; not thread-safe.
/// </summary>
/// <remarks>
/// Churn as the mock's: of an endpoint 20 % are updates (a new identity); else one is removed with the probability
/// current / (current + target), so that the number hovers around its target; never below one. The same for nodes and
/// identities, which are never updated. A service gains or loses a backend, and comes or goes in one case of a hundred.
/// </remarks>
public sealed class MockCluster
{
    private const int MaxBackends = 50;

    private readonly int _place;
    private readonly int _id;
    private readonly MockShape _shape;
    private readonly string _nodes;
    private readonly string _identities;
    private readonly string _endpoints;
    private readonly string _services;
    private readonly MockPool _nodePool = new(4_096);
    private readonly MockPool _identityPool = new(65_000);
    private readonly MockPool _podPool = new(65_536);
    private readonly MockPool _servicePool = new(65_536);
    private readonly Dictionary<int, HashSet<int>> _backends = [];
    private readonly bool _cached;

    public MockCluster(int place, string name, int id, MockShape shape, MockLayout layout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(id, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(id, 255);
        (_place, Name, _id, _shape, _cached) = (place, ClusterName.Parse(name), id, shape.Checked(), layout == MockLayout.Cached);
        _nodes = Prefix(ResourceKind.Nodes, $"{name}/");
        _identities = Prefix(ResourceKind.Identities, _cached ? $"{name}/id/" : "id/");
        _endpoints = Prefix(ResourceKind.Endpoints, _cached ? $"{name}/" : "default/");
        _services = Prefix(ResourceKind.Services, $"{name}/");
    }

    public ClusterName Name { get; }

    /// <summary>The cluster's config, without which nobody reads the rest.</summary>
    public MockWrite Config() => new(_place, CiliumKeys.ClusterConfig(Name), CiliumValues.ClusterConfig(_id, _cached));

    /// <summary>The canaries: written when the initial content is there.</summary>
    public IEnumerable<MockWrite> Canaries() =>
        ((ResourceKind[])[ResourceKind.Nodes, ResourceKind.Identities, ResourceKind.Endpoints, ResourceKind.Services]).Select(kind =>
            new MockWrite(_place, CiliumKeys.Canaries(Name) + (_cached ? ResourcePrefixes.Cache(kind) : ResourcePrefixes.State(kind)), "synced"u8.ToArray()));

    /// <summary>Creates the initial content, once.</summary>
    public IEnumerable<MockWrite> Fill(Random random)
    {
        for (var i = 0; i < _shape.Nodes; i++)
        {
            yield return PutNode(_nodePool.Take(random), 0);
        }

        for (var i = 0; i < _shape.Identities; i++)
        {
            yield return PutIdentity(_identityPool.Take(random), 0);
        }

        for (var i = 0; i < _shape.Endpoints; i++)
        {
            yield return PutEndpoint(_podPool.Take(random), random, 0);
        }

        for (var i = 0; i < _shape.Services; i++)
        {
            yield return AddService(random, 0);
        }
    }

    /// <summary>The next change of a resource.</summary>
    public MockWrite Change(ResourceKind kind, Random random, long now) => kind switch
    {
        ResourceKind.Nodes => Replace(_nodePool, _shape.Nodes, random, node => PutNode(node, now), node => Delete(_nodes + CiliumValues.NodeName(node))),
        ResourceKind.Identities => Replace(_identityPool, _shape.Identities, random, i => PutIdentity(i, now), i => Delete(_identities + CiliumValues.IdentityNumber(_id, i))),
        ResourceKind.Endpoints when random.NextDouble() < 0.2 => PutEndpoint(_podPool.Pick(random), random, now),
        ResourceKind.Endpoints => Replace(_podPool, _shape.Endpoints, random, pod => PutEndpoint(pod, random, now), pod => Delete(_endpoints + CiliumValues.PodIp(_id, pod))),
        ResourceKind.Services when _shape.Services > 0 && random.NextDouble() < 0.99 => ChangeBackend(random, now),
        ResourceKind.Services => Replace(_servicePool, Math.Max(1, _shape.Services), random, service => PutService(service, now), DeleteService),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "a mock cluster has none of these"),
    };

    /// <summary>A change of an endpoint that never deletes: what a burst consists of.</summary>
    public MockWrite UpdateEndpoint(Random random, long now) => PutEndpoint(_podPool.Pick(random), random, now);

    /// <summary>Updates of so many different endpoints; fewer if there are no more.</summary>
    public IReadOnlyList<MockWrite> UpdateDistinct(int count, Random random, long now) =>
        [.. _podPool.All.Take(count).Select(pod => PutEndpoint(pod, random, now))];

    private string Prefix(ResourceKind kind, string rest) => $"{(_cached ? ResourcePrefixes.Cache(kind) : ResourcePrefixes.State(kind))}/{rest}";

    private static MockWrite Replace(MockPool pool, int target, Random random, Func<int, MockWrite> put, Func<int, MockWrite> delete) =>
        pool.Count > 1 && random.NextDouble() < (double)pool.Count / (pool.Count + target)
            ? delete(pool.Return(random))
            : put(pool.Take(random));

    private MockWrite Put(string key, byte[] value) => new(_place, key, value);

    private MockWrite Delete(string key) => new(_place, key, null);

    private MockWrite PutNode(int node, long now) => Put(_nodes + CiliumValues.NodeName(node), CiliumValues.Node(Name.Value, _id, node, now));

    private MockWrite PutIdentity(int identity, long now)
    {
        var number = CiliumValues.IdentityNumber(_id, identity);
        return Put($"{_identities}{number}", CiliumValues.Identity(Name.Value, number, now));
    }

    private MockWrite PutEndpoint(int pod, Random random, long now) => Put(
        _endpoints + CiliumValues.PodIp(_id, pod),
        CiliumValues.Endpoint(_id, pod, _nodePool.Pick(random), CiliumValues.IdentityNumber(_id, _identityPool.Pick(random)), now));

    private MockWrite AddService(Random random, long now)
    {
        var service = _servicePool.Take(random);
        var backends = _backends[service] = [];
        for (var i = random.Next(MaxBackends / 4); i >= 0; i--)
        {
            backends.Add(_podPool.Pick(random));
        }

        return PutService(service, now);
    }

    private MockWrite ChangeBackend(Random random, long now)
    {
        var service = _servicePool.Pick(random);
        var backends = _backends.TryGetValue(service, out var known) ? known : _backends[service] = [];
        if (backends.Count > 0 && random.Next(MaxBackends / 2) < backends.Count)
        {
            backends.Remove(backends.ElementAt(random.Next(backends.Count)));
        }
        else
        {
            backends.Add(_podPool.Pick(random));
        }

        return PutService(service, now);
    }

    private MockWrite PutService(int service, long now) => Put(
        ServiceKey(service), CiliumValues.Service(Name.Value, _id, service, _backends.TryGetValue(service, out var known) ? known : [], now));

    private MockWrite DeleteService(int service)
    {
        _backends.Remove(service);
        return Delete(ServiceKey(service));
    }

    private string ServiceKey(int service) => $"{_services}ns-{service & 63}/svc-{service}";
}
