using System.Text.Json;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Desired;
using KvStoreMesh.NodeAgent.Kubernetes;
using KvStoreMesh.NodeAgent.Manifests;
using KvStoreMesh.NodeAgent.Replica;
using KvStoreMesh.NodeAgent.Subscription;
using KvStoreMesh.TestSupport.Golden;

namespace KvStoreMesh.NodeAgent.Tests.Services;

/// <summary>Cilium's own agent scripts, step by step: its values and manifests go in, its frontends must come out.</summary>
public sealed class GoldenServiceTests
{
    private readonly MeshReplica _replica = new();
    private readonly DesiredState _desired = new(Some.Cluster("cluster1"), "node", null);
    private readonly KubernetesServices _manifests = new();
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);
    private long _seq;

    [GoldenTheory]
    [InlineData("10", 7)]
    [InlineData("12", 4)]
    [InlineData("13", 9)]
    public void Remote_backends_join_the_local_service_as_in_Cilium(string number, int frontendChecks)
    {
        foreach (var id in (int[])[1, 2, 3])
        {
            Apply($"cluster{id}", MeshKey.ClusterConfig, $$$"""{"id":{{{id}}},"capabilities":{"maxConnectedClusters":255}}""");
        }

        var checks = 0;
        foreach (var step in GoldenVectors.Load(number).GetProperty("expect").GetProperty("steps").EnumerateArray())
        {
            checks += Play(step);
        }

        Assert.True(checks >= frontendChecks, $"only {checks} expectations about frontends in {number}");
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
            case { } operation:
                Manifests(step, isDeletion: operation == "k8s/delete");
                return 0;
            default:
                throw new InvalidDataException(step.GetRawText());
        }
    }

    private void Expect(JsonElement rows)
    {
        foreach (var row in rows.EnumerateArray())
        {
            var merged = _desired.Services.Find(Some.Addr(row.GetProperty("Address").GetString()!));
            Assert.NotNull(merged);
            Assert.Equal(row.GetProperty("Backends").GetString(), string.Join(", ", merged.Backends));
        }
    }

    private void Manifests(JsonElement step, bool isDeletion)
    {
        foreach (var file in step.GetProperty("objects").EnumerateArray())
        {
            var name = file.GetProperty("name").GetString()!;
            _files.Remove(name);
            if (!isDeletion)
            {
                _files.Add(name, file.GetProperty("yaml").GetString()!);
            }
        }

        _manifests.Apply(new ManifestReading([.. _files.Select(file => new ManifestFile(file.Key, file.Value, null))], null), _desired.Services);

        // Its script has one affinity that does not exist; nothing else may be found fault with.
        Assert.All(_manifests.Problems, problem => Assert.Contains("affinity", problem, StringComparison.Ordinal));
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
