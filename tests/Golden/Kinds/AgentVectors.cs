using System.Text.Json;
using System.Text.RegularExpressions;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Golden.Mesh;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>What an agent makes of remote clusters: everything comes from the sources' etcds through the daemon's code.</summary>
internal sealed partial class AgentVectors(GoldenCase golden)
{
    // The config that Cilium's own scripts write: no canaries, not cached.
    private const string ScriptConfig = """{"id":ID,"capabilities":{"maxConnectedClusters":255}}""";
    private static readonly ResourceKind[] Counted =
        [ResourceKind.Nodes, ResourceKind.Services, ResourceKind.Endpoints];

    public GoldenCheck? Check(string name) => name switch
    {
        "" => null,
        "nodes" => new(name, () => Count(ResourceKind.Nodes, name)),
        "services" => new(name, () => Count(ResourceKind.Services, name)),
        "identities" => new(name, () => Count(ResourceKind.Identities, name)),
        "ipcache_upserts" => new(name, () => Count(ResourceKind.Endpoints, name)),
        "watches_canaries" => new(name, WatchesCanaries),
        "canary_value_ignored" => new(name, CanaryValueIsIgnored),
        "steps" => golden.Expect.GetProperty("steps").EnumerateArray().Any(step => step.TryGetProperty("config_id", out _))
            ? new(name, FollowsIds)
            : new(name, PlaysScript),
        _ => null,
    };

    private GoldenMesh Connected(Func<GoldenPair, bool>? which = null)
    {
        var local = golden.Root.TryGetProperty("local_cluster", out var given)
            ? (ClusterName.Parse(given.GetProperty("name").GetString()!), given.GetProperty("id").GetUInt32())
            : (GoldenMesh.Local, 99u);
        var mesh = new GoldenMesh(local: local.Item1, localId: local.Item2);
        var source = mesh.Source(golden.Cluster);
        source.PutConfig(golden.Root.GetProperty("cluster_config").GetRawText());
        foreach (var pair in golden.Pairs.Where(pair => which?.Invoke(pair) ?? true))
        {
            source.Etcd.Put(pair.Key, pair.Value);
        }

        Assert.True(source.Resync());
        return mesh;
    }

    private void Count(ResourceKind kind, string name)
    {
        var mesh = Connected();
        Assert.Equal(golden.Expect.GetProperty(name).GetInt32(), mesh.Agent.InForce(golden.Cluster, kind).Count);
    }

    private void WatchesCanaries()
    {
        var mesh = Connected(pair => !pair.IsCanary);
        var complete = Connected();
        if (!golden.Expect.GetProperty("watches_canaries").GetBoolean())
        {
            AssertSame(complete, mesh);
            return;
        }

        Assert.Empty(InForce(mesh));
        foreach (var canary in golden.Pairs.Where(pair => pair.IsCanary))
        {
            mesh.Source(golden.Cluster).Etcd.Put(canary.Key, canary.Value);
            mesh.Source(golden.Cluster).PumpAll();
        }

        AssertSame(complete, mesh);
    }

    private void CanaryValueIsIgnored()
    {
        var mesh = Connected(pair => !pair.IsCanary);
        foreach (var canary in golden.Pairs.Where(pair => pair.IsCanary))
        {
            mesh.Source(golden.Cluster).Etcd.Put(canary.Key, [0xff, 0x00]);
            mesh.Source(golden.Cluster).PumpAll();
        }

        AssertSame(Connected(), mesh);
    }

    private void AssertSame(GoldenMesh expected, GoldenMesh actual) =>
        Assert.Equal(InForce(expected).OrderBy(pair => pair.Key), InForce(actual).OrderBy(pair => pair.Key));

    private Dictionary<string, string> InForce(GoldenMesh mesh) => mesh.Agent.InForce(golden.Cluster, [.. Counted, ResourceKind.Identities]);

    private void FollowsIds()
    {
        var mesh = new GoldenMesh();
        var cluster = golden.Cluster;
        var source = mesh.Source(cluster);
        var cached = golden.Pairs.Any(pair => pair.Key.StartsWith(CiliumKeys.Cache, StringComparison.Ordinal));
        var connected = false;
        foreach (var step in golden.Expect.GetProperty("steps").EnumerateArray())
        {
            if (step.TryGetProperty("precondition", out var precondition))
            {
                var taken = Number().Match(precondition.GetString()!).Value;
                mesh.Agent.Put(ClusterName.Parse("holder"), MeshKey.ClusterConfig, System.Text.Encoding.UTF8.GetBytes($$"""{"id":{{taken}}}"""));
            }

            var before = mesh.Agent.InForce(cluster, Counted);
            source.PutConfig(cached ? """{"cached":true,"maxConnectedClusters":255}""" : """{"maxConnectedClusters":255}""", step.GetProperty("config_id").GetInt32());
            if (step.TryGetProperty("state", out var state))
            {
                mesh.SetState(cluster, [.. GoldenCase.PairsIn(state)]);
            }

            source.PumpAll();
            if (!connected)
            {
                Assert.True(source.Resync());
                connected = true;
            }

            if (step.TryGetProperty("before_any_rewrite", out var first))
            {
                AssertEvents(mesh, before, first);
                before = mesh.Agent.InForce(cluster, Counted);
                mesh.SetState(cluster, [.. GoldenCase.PairsIn(step.GetProperty("then_state"))]);
            }

            if (step.TryGetProperty("events", out var events))
            {
                AssertEvents(mesh, before, events);
            }

            if (step.TryGetProperty("error", out var error))
            {
                // Ours names the cluster that has it: compare what both say.
                Assert.Contains(Number().Match(error.GetString()!).Value, mesh.Agent.ProblemOf(cluster), StringComparison.Ordinal);
                Assert.Contains("already used", mesh.Agent.ProblemOf(cluster), StringComparison.Ordinal);
            }
        }
    }

    private void AssertEvents(GoldenMesh mesh, Dictionary<string, string> before, JsonElement events)
    {
        var after = mesh.Agent.InForce(golden.Cluster, Counted);
        Assert.Equal(events.GetProperty("upserts").GetInt32(), after.Count(pair => before.GetValueOrDefault(pair.Key) != pair.Value));
        Assert.Equal(events.GetProperty("deletes").GetInt32(), before.Keys.Except(after.Keys).Count());
        var identities = mesh.Agent.InForce(golden.Cluster, ResourceKind.Identities).Keys;
        foreach (var (name, present) in new[] { ("identity_present", true), ("identity_absent", false) })
        {
            if (events.TryGetProperty(name, out var identity))
            {
                Assert.Equal(present, identities.Contains($"{ResourceKind.Identities}/{identity.GetRawText()}"));
            }
        }
    }

    private void PlaysScript()
    {
        var local = ClusterName.Parse("cluster1");
        var mesh = new GoldenMesh(local: local, localId: 1);
        var exporter = new LocalExporter();
        foreach (var step in golden.Expect.GetProperty("steps").EnumerateArray())
        {
            switch (step.GetProperty("op").GetString())
            {
                case "k8s/add" or "k8s/update" or "k8s/delete":
                    foreach (var item in step.GetProperty("objects").EnumerateArray())
                    {
                        var service = exporter.Apply(item.GetProperty("yaml").GetString()!, step.GetProperty("op").GetString() == "k8s/delete");
                        mesh.Agent.Put(local, new MeshKey(ResourceKind.Services, service), exporter.Record(service, local.Value, 1));
                    }

                    break;
                case "put":
                    var pair = GoldenCase.PairsOf(step).Single();
                    var source = ScriptSource(mesh, pair.Key);
                    source.Etcd.Put(pair.Key, pair.Value);
                    source.PumpAll();
                    break;
                case "delete":
                    var key = step.GetProperty("key").GetString()!;
                    ScriptSource(mesh, key).Etcd.Delete(key);
                    ScriptSource(mesh, key).PumpAll();
                    break;
                case "expect":
                    Expect(mesh, exporter, step);
                    break;
                case var op:
                    throw new InvalidDataException($"{golden.File}: the step '{op}' is unknown");
            }
        }

        Assert.Empty(mesh.Agent.Refused);
    }

    private static TestSupport.Sources.SourceDriver ScriptSource(GoldenMesh mesh, string key)
    {
        var name = new GoldenPair(key, []).Cluster!;
        var source = mesh.Source(ClusterName.Parse(name));
        if (!source.Watching)
        {
            source.PutConfig(ScriptConfig.Replace("ID", Number().Match(name).Value, StringComparison.Ordinal));
            Assert.True(source.Resync());
        }

        return source;
    }

    private static void Expect(GoldenMesh mesh, LocalExporter exporter, JsonElement step)
    {
        var rows = step.GetProperty("rows").EnumerateArray().ToList();
        switch (step.GetProperty("table").GetString())
        {
            // A service's record does not say which affinity its annotations ask for: known gap of the agent, which reads records only.
            case "frontends" when exporter.Affinity is null:
                Assert.All(rows, row => Assert.Equal(row.GetProperty("Backends").GetString(), mesh.Agent.Backends(row.GetProperty("Address").GetString()!)));
                break;
            case "backends" when exporter.Affinity is null:
                Assert.Equal(rows.Select(row => row.GetProperty("Address").GetString()).Order(), mesh.Agent.AllBackends().Order());
                break;
        }
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
