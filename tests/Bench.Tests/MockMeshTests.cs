using CsCheck;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.MeshBench.Mock;

namespace KvStoreMesh.Bench.Tests;

/// <summary>What the mock writes is what Cilium's readers take: a bench that writes nonsense measures nothing.</summary>
public sealed class MockMeshTests
{
    private static readonly Gen<(MockShape Shape, MockLayout Layout, int Id, int Seed)> Meshes =
        from nodes in Gen.Int[1, 12]
        from identities in Gen.Int[1, 30]
        from endpoints in Gen.Int[1, 40]
        from services in Gen.Int[0, 8]
        from cached in Gen.Bool
        from id in Gen.Int[1, 250]
        from seed in Gen.Int
        select (new MockShape(nodes, identities, endpoints, services), cached ? MockLayout.Cached : MockLayout.State, id, seed);

    [Fact]
    public void Every_value_parses_and_belongs_to_its_key_whatever_happens() => Meshes.Sample(
        mesh =>
        {
            var source = new Source(mesh.Shape, mesh.Layout, mesh.Id, mesh.Seed);
            source.Take(source.Mesh.Fill());
            Assert.Equal(mesh.Shape.Keys, source.Content.Count);
            source.Take(Enumerable.Range(1, 300).Select(now => source.Mesh.Next(now)));
            foreach (var (key, value) in source.Content)
            {
                Assert.True(source.Layout.TryMap(key, out var meshKey), key);
                Assert.Null(source.ProblemOf(meshKey, value));
            }
        },
        iter: 60);

    [Fact]
    public void Nothing_is_deleted_that_is_not_there() => Meshes.Sample(
        mesh =>
        {
            var source = new Source(mesh.Shape, mesh.Layout, mesh.Id, mesh.Seed);
            source.Take(source.Mesh.Fill());
            foreach (var write in Enumerable.Range(1, 500).Select(now => source.Mesh.Next(now)))
            {
                Assert.True(write.Value is not null || source.Content.ContainsKey(write.Key), write.Key);
                source.Take([write]);
            }
        },
        iter: 60);

    [Fact]
    public void Equal_seeds_write_equal_content() => Meshes.Sample(
        mesh =>
        {
            var pair = Enumerable.Range(0, 2).Select(_ => new Source(mesh.Shape, mesh.Layout, mesh.Id, mesh.Seed)).ToList();
            foreach (var source in pair)
            {
                source.Take(source.Mesh.Fill());
                source.Take(Enumerable.Range(1, 100).Select(now => source.Mesh.Next(now)));
            }

            Assert.Equal(pair[0].Content.OrderBy(entry => entry.Key), pair[1].Content.OrderBy(entry => entry.Key));
        },
        iter: 10);

    private sealed class Source
    {
        private readonly uint _id;
        private readonly ClusterName _name = ClusterName.Parse("cluster-001");

        public Source(MockShape shape, MockLayout layout, int id, int seed)
        {
            _id = (uint)id;
            Mesh = new MockMesh([new MockCluster(0, _name.Value, id, shape, layout)], new MockWeights(1, 1, 2, 1), new Random(seed));
            Assert.True(CiliumClusterConfig.TryParse(Mesh.Configs().Single().Value, out var config, out var error), error);
            Assert.Equal(_id, config.Id);
            Layout = new SourceLayout(_name, config.Capabilities);
            Assert.All(Mesh.Canaries(), canary => Assert.True(Layout.TryMapCanary(canary.Key, out _), canary.Key));
        }

        public MockMesh Mesh { get; }

        public SourceLayout Layout { get; }

        public Dictionary<string, string> Content { get; } = [];

        public void Take(IEnumerable<MockWrite> writes)
        {
            foreach (var write in writes)
            {
                if (write.Value is { } value)
                {
                    Content[write.Key] = System.Text.Encoding.UTF8.GetString(value);
                }
                else
                {
                    Content.Remove(write.Key);
                }
            }
        }

        public string? ProblemOf(MeshKey key, string text)
        {
            var value = System.Text.Encoding.UTF8.GetBytes(text);
            string? error;
            switch (key.Kind)
            {
                case ResourceKind.Nodes:
                    return CiliumNode.TryParse(value, out var node, out error) ? node.Validate(_name, _id, key.Name) : error;
                case ResourceKind.Endpoints:
                    return IpIdentityPair.TryParse(value, out var pair, out error) ? pair.Validate(_id, 255, key.Name) : error;
                case ResourceKind.Services:
                    return ClusterService.TryParse(value, out var service, out error) ? service.Validate(_name, _id, key.Name) : error;
                default:
                    return text.Contains($"policy.cluster={_name};", StringComparison.Ordinal) ? null : text;
            }
        }
    }
}
