using System.Text.Json;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Desired;
using KvStoreMesh.NodeAgent.Replica;
using KvStoreMesh.NodeAgent.Subscription;
using KvStoreMesh.TestSupport.Golden;

namespace KvStoreMesh.NodeAgent.Tests.Services;

/// <summary>Cilium's own agent scripts, step by step: its values go in, its frontends must come out.</summary>
/// <remarks>
/// The local Service and its endpoint slice come from Kubernetes there; here the local cluster's own record says the
/// same. Steps that change their annotations are the matter of what writes that record.
/// </remarks>
public sealed class GoldenServiceTests
{
    private const string LocalFrontends = """{"10.0.0.1":{"tcp":{"Protocol":"TCP","Port":8080}}}""";
    private const string MultiPortFrontends =
        """{"10.0.0.1":{"http-direct":{"Protocol":"TCP","Port":80},"http-remapped":{"Protocol":"TCP","Port":8080},"http-alt":{"Protocol":"TCP","Port":9090},"https":{"Protocol":"TCP","Port":443}}}""";

    private readonly MeshReplica _replica = new();
    private readonly DesiredState _desired = new(Some.Cluster("cluster1"), "node", null);
    private bool _global = true;
    private string _frontends = LocalFrontends;
    private string _backends = "{}";
    private long _seq;

    [GoldenTheory]
    [InlineData("10", """{"10.1.0.1":{"tcp":{"Protocol":"TCP","Port":8080}}}""", 7)]
    [InlineData("12", "{}", 4)]
    public void Remote_backends_join_the_local_service_as_in_Cilium(string number, string localBackends, int frontendChecks)
    {
        _backends = localBackends;
        Configure(1, 2, 3);
        Local();
        var checks = 0;
        foreach (var step in GoldenVectors.Load(number).GetProperty("expect").GetProperty("steps").EnumerateArray())
        {
            checks += Play(step);
        }

        Assert.True(checks >= frontendChecks, $"only {checks} expectations about frontends in {number}");
    }

    [Fact]
    public void A_frontend_with_many_ports_is_split_by_name()
    {
        _frontends = MultiPortFrontends;
        Configure(1, 2);
        Local();
        Assert.Equal(4, _desired.Services.Frontends.Count);
    }

    private int Play(JsonElement step)
    {
        switch (step.GetProperty("op").GetString())
        {
            case "put":
                Put(step.GetProperty("key").GetString()!, step.GetProperty("value").GetString());
                return 0;
            case "delete":
                Put(step.GetProperty("key").GetString()!, null);
                return 0;
            case "expect" when step.GetProperty("table").GetString() == "frontends":
                Expect(step.GetProperty("rows"));
                return 1;
            case "expect":
                return 0;
            default:
                // A Service with other annotations: the record follows it.
                _global = !step.GetRawText().Contains("service.cilium.io/global: \\\"false\\\"", StringComparison.Ordinal);
                Local();
                return 0;
        }
    }

    private void Expect(JsonElement rows)
    {
        foreach (var row in rows.EnumerateArray())
        {
            var address = row.GetProperty("Address").GetString()!;
            var merged = _desired.Services.Find(Some.Addr(address));
            Assert.NotNull(merged);
            Assert.Equal(row.GetProperty("Backends").GetString(), string.Join(", ", merged.Backends));
        }
    }

    private void Local() => Put(
        "cilium/state/services/v1/cluster1/test/echo",
        $$"""{"cluster":"cluster1","namespace":"test","name":"echo","frontends":{{_frontends}},"backends":{{_backends}},"shared":{{Json(_global)}},"includeExternal":{{Json(_global)}},"clusterID":1}""");

    private static string Json(bool value) => value ? "true" : "false";

    private void Configure(params int[] ids)
    {
        foreach (var id in ids)
        {
            Apply($"cluster{id}", MeshKey.ClusterConfig, $$$"""{"id":{{{id}}},"capabilities":{"maxConnectedClusters":255}}""");
        }
    }

    private void Put(string key, string? value)
    {
        var parts = key.Split('/', 6);
        Apply(parts[4], new MeshKey(ResourceKind.Services, parts[5]), value);
    }

    private void Apply(string cluster, MeshKey key, string? value)
    {
        var record = new MeshRecord(Some.Cluster(cluster), key, Some.Bytes(value), _seq, ++_seq);
        var refused = _desired.Apply(_replica, _replica.Apply(new RecordsReceived(_seq, [record])));
        Assert.Empty(refused);
    }
}
