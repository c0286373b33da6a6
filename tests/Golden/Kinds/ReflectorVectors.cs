using System.Text.Json;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Golden.Mesh;
using KvStoreMesh.TestSupport.Sinks;
using static KvStoreMesh.TestSupport.Sinks.MirrorRun;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>Cilium's generic reflector. Ours has fixed resources; one of the same shape stands for the invented prefix.</summary>
internal sealed class ReflectorVectors(GoldenCase golden)
{
    private const string Invented = "foo/bar";
    private const string Real = "nodes/v1";
    private static readonly ClusterName Ape = ClusterName.Parse("ape");

    public void Run()
    {
        foreach (var item in golden.Expect.GetProperty("cases").EnumerateArray())
        {
            var name = item.GetProperty("name").GetString()!;
            if (item.TryGetProperty("remote", out var remote))
            {
                // Another shape for state than for cache: identities are the resource that has it, in the vectors of KVStoreMesh itself.
                if (!name.Contains("override", StringComparison.Ordinal))
                {
                    Reflects(remote, item.GetProperty("local"));
                }
            }
            else if (item.TryGetProperty("removed", out _))
            {
                Revokes(TimeSpan.FromMinutes(5), revoked: true);
                Revokes(TimeSpan.Zero, revoked: false);
            }
            else if (item.TryGetProperty("keys", out var keys))
            {
                Toggles([.. keys.EnumerateArray().Select(count => count.GetInt32())]);
            }
            else
            {
                throw new InvalidDataException($"{golden.File}: the case '{name}' is unknown");
            }
        }
    }

    private static void Reflects(JsonElement remote, JsonElement local)
    {
        var keys = Keys(remote);
        var mesh = new GoldenMesh();
        var source = mesh.Source(Ape);
        var cached = keys.Any(key => key.StartsWith(CiliumKeys.Cache, StringComparison.Ordinal));
        source.PutConfig($$"""{"syncedCanaries":true,"cached":{{(cached ? "true" : "false")}}}""", 1);
        keys.ForEach(key => source.Etcd.Put(key, "value"));
        Assert.True(source.Resync());
        var written = mesh.LocalContent().Keys.Where(key => key.Contains(Real, StringComparison.Ordinal));
        Assert.Equal(Keys(local).Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
    }

    private static List<string> Keys(JsonElement list) =>
        [.. list.EnumerateArray().Select(key => key.GetString()!.Replace(Invented, Real, StringComparison.Ordinal))];

    // Revocable are services, endpoint slices and service exports.
    private static void Revokes(TimeSpan timeToLive, bool revoked)
    {
        var run = new MirrorRun(new SinkOptions { CacheTtl = timeToLive });
        run.Feed.Configure(Ape);
        run.Apply(Delta(Ape, [Config("{}"), Put(ResourceKind.Services, "impala", "value"), Put(ResourceKind.Nodes, "lacewing", "value")], [.. SinkKeys.Resources]));
        run.Feed.Reached(Ape, SourceReach.Live);
        run.Settle();
        run.Feed.Reached(Ape, SourceReach.Lost);
        run.Pass(TimeSpan.FromMinutes(6));
        Assert.Equal(!revoked, run.Etcd.Holds("cilium/cache/services/v1/ape/impala"));
        Assert.True(run.Etcd.Holds("cilium/cache/nodes/v1/ape/lacewing"));
        Assert.True(run.Etcd.Holds("cilium/synced/ape/cilium/cache/services/v1"));
    }

    // Endpoint slices are the resource that the export mode switches.
    private static void Toggles(int[] counts)
    {
        var mesh = new GoldenMesh();
        var source = mesh.Source(Ape);
        for (var i = 0; i < counts.Max(); i++)
        {
            source.Etcd.Put($"cilium/state/endpointslices/v1/ape/key{i}", "value");
        }

        foreach (var count in counts)
        {
            source.PutConfig(count == 0 ? "{}" : """{"endpointSlicesExportMode":"services-and-endpointslices"}""", 1);
            Assert.True(source.Resync());
            Assert.Equal(count, mesh.LocalData().Keys.Count(key => key.StartsWith("cilium/cache/endpointslices/v1/ape/", StringComparison.Ordinal)));
            Assert.NotNull(mesh.LocalValue("cilium/synced/ape/cilium/cache/endpointslices/v1"));
        }
    }
}
