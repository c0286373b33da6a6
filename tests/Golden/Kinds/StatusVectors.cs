using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Akka.Actor;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Replicator.StatusApi;
using KvStoreMesh.TestSupport.Sources;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>What the status of a cluster says while the daemon's own actors replicate it.</summary>
internal sealed class StatusVectors(GoldenCase golden)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task RunAsync(string name)
    {
        var expected = JsonNode.Parse(golden.Expect.GetProperty(name).GetRawText())!.AsObject();
        var actual = await StatusAsync(
            beforeRun: name == "before_run", mode: name == "endpointslices_only_remote" ? "endpointslices-only" : "services-and-endpointslices");
        AssertHolds(expected, actual);
    }

    private async Task<JsonObject> StatusAsync(bool beforeRun, string mode)
    {
        var source = new FakeSource(TimeProvider.System);
        var board = new MeshStatusBoard();
        var config = golden.Root.TryGetProperty("remote_cluster_config", out var given)
            ? given.GetRawText()
            : $$$"""{"id":10,"capabilities":{"serviceExportsEnabled":true,"endpointSlicesExportMode":"{{{mode}}}"}}""";
        source.Etcd.Put($"cilium/cluster-config/{golden.Cluster}", config);
        foreach (var pair in golden.Pairs)
        {
            source.Etcd.Put(pair.Key, pair.Value);
        }

        if (beforeRun)
        {
            source.Kill();
        }

        using var system = ActorSystem.Create("golden");
        var mesh = new MeshActors
        {
            Connector = source,
            Cache = new MeshCache(new MeshCacheOptions()),
            Board = board,
            Time = TimeProvider.System,
            Random = new Random(1),
            LoggerFactory = NullLoggerFactory.Instance,
            Options = new RemoteClusterOptions { StartSpread = TimeSpan.Zero },
        }.Start(system);
        mesh.Tell(new ConfigureCluster(new SourceDefinition(golden.Cluster, SourceRole.Remote, "golden", "endpoints: []")), ActorRefs.NoSender);

        var started = Stopwatch.GetTimestamp();
        while (Status(board) is not { } status || (beforeRun ? status.LastError is null : !status.IsReady))
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"{golden.Cluster} is {Status(board)?.Phase}: {Status(board)?.LastError}");
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }

        var model = RemoteClusterView.Of(Status(board)!, null, TimeProvider.System.GetUtcNow());
        await system.Terminate();
        return JsonNode.Parse(JsonSerializer.Serialize([model], StatusJson.Cilium.IReadOnlyListRemoteClusterModel))![0]!.AsObject();
    }

    private RemoteClusterStatus? Status(MeshStatusBoard board) => board.Current.GetValueOrDefault(golden.Cluster);

    // Every expected field, also written as "synced.services"; what Go leaves out is zero.
    private static void AssertHolds(JsonObject expected, JsonObject actual)
    {
        foreach (var (path, value) in expected.Where(field => field.Key != "note"))
        {
            var at = path.Split('.').Aggregate<string, JsonNode?>(actual, (node, name) => node?[name]);
            switch (value)
            {
                case JsonObject inner:
                    AssertHolds(inner, at?.AsObject() ?? []);
                    break;
                case JsonValue when value.GetValueKind() == JsonValueKind.Number:
                    Assert.True(value.GetValue<long>() == (at?.GetValue<long>() ?? 0), $"{path} is {at}, not {value}");
                    break;
                default:
                    Assert.True(value!.GetValue<bool>() == (at?.GetValue<bool>() ?? false), $"{path} is {at}, not {value}");
                    break;
            }
        }
    }
}
