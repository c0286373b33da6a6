using System.Text.Json;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Golden.Mesh;
using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>
/// One store that watches a prefix, and later another one. With us that is a source that moves its resources from its own
/// state into a cache.
/// </summary>
internal sealed class WatchRestartVectors(GoldenCase golden)
{
    private static readonly ClusterName Ape = ClusterName.Parse("ape");

    public void Run()
    {
        var mesh = new GoldenMesh();
        var source = mesh.Source(Ape);
        Watch(mesh, source, golden.Expect.GetProperty("first"), "cilium/state/nodes/v1/ape/", "{}");
        if (golden.Expect.TryGetProperty("second", out var second))
        {
            Watch(mesh, source, second, "cilium/cache/nodes/v1/ape/", """{"cached":true}""");
        }
    }

    private static void Watch(GoldenMesh mesh, SourceDriver source, JsonElement watch, string prefix, string config)
    {
        var from = mesh.Observed.Count;
        var listed = false;
        foreach (var text in watch.GetProperty("events").EnumerateArray().Select(text => text.GetString()!))
        {
            var words = text.Split(' ', 2);
            switch (words[0])
            {
                case "LIST-DONE":
                    source.PutConfig(config, 1);
                    Assert.True(source.Resync());
                    listed = true;
                    continue;
                case "delete":
                    source.Etcd.Delete(prefix + words[1]);
                    break;
                case "create" or "modify":
                    var pair = words[1].Split('=', 2);
                    source.Etcd.Put(prefix + pair[0], pair[1]);
                    break;
                default:
                    throw new InvalidDataException($"the event '{text}' is unknown");
            }

            if (listed)
            {
                source.PumpAll();
            }
        }

        // A delete of a list stands behind its puts with us as with Cilium; what is noted about it is for the reader.
        var expected = watch.GetProperty("observed").EnumerateArray().Select(text => text.GetString()!).Where(text => text != "synced")
            .Select(text => text.Split(" (")[0]);
        Assert.Equal(expected, mesh.Observed.Skip(from).Where(text => !text.StartsWith("synced", StringComparison.Ordinal)));
        Assert.Equal(watch.GetProperty("entries").GetInt32(), source.Replica.Count(ResourceKind.Nodes));
        Assert.True(source.Replica.IsSynced(ResourceKind.Nodes));
    }
}
