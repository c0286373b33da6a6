using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.Golden.Mesh;
using KvStoreMesh.Replicator.Commands;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>What Cilium's readers refuse, ours refuse, in the same words where the words are about the same rule.</summary>
internal sealed partial class ValidationVectors(GoldenCase golden)
{
    private delegate string? Validator(byte[] value, ClusterName cluster, uint? clusterId, string? key);

    public GoldenCheck? Check(string name) => name switch
    {
        "" => null,
        "cases" => Cases(name),
        "id_range" => new(name, () => Range(Of(name), (cluster, identity) => Labels(Value(golden.Pairs.First()), ClusterName.Parse("foo"), cluster, $"{identity}"))),
        "labels" => new(name, LabelCases),
        "empty_value_on_upsert" => new(name, () => Assert.NotNull(Labels([], ClusterName.Parse("foo"), 5, "327681"))),
        "prefix_watched" => new(name, PrefixesOfEndpoints),
        "without_validator" => new(name, () => Assert.All(golden.Pairs, pair => Assert.NotNull(Parse(pair.Value)))),
        "identity_1_host" => new(name, () => Assert.Equal(NumericIdentity.RemoteNode, NumericIdentity.OfRemote(NumericIdentity.Host))),
        "key_mismatch" => new(name, () => Assert.All(golden.Pairs, pair => Assert.NotNull(Parse(pair.Value).Validate(10, 255, pair.Key + "0")))),
        "remote" => new(name, RemoteConfigs),
        "local" => new(name, LocalClusters),
        "names" => new(name, Names),
        "legacy_fields" => GoldenCheck.NotApplicable(name, "of the exporter's writer; the mirror copies the bytes"),
        _ when WithIdentities().Match(name) is { Success: true } id => new(name, () => DropsForeignIdentities(name, uint.Parse(id.Groups[1].Value, null))),
        _ when IdentityRangeOf().Match(name) is { Success: true } id => new(name, () => Range(
            Of(name), (_, identity) => new IpIdentityPair { Ip = System.Net.IPAddress.Loopback, Identity = identity }.Validate(uint.Parse(id.Groups[1].Value, null), 255, "127.0.0.1"))),
        _ => null,
    };

    private GoldenCheck Cases(string name)
    {
        var cases = Of(name).EnumerateArray().ToList();
        if (cases.Any(item => item.TryGetProperty("eps", out _)))
        {
            return GoldenCheck.NotApplicable(name, "nobody reads endpoint slices: agents take the services that the same sources export");
        }

        var fields = cases.SelectMany(item => JsonElement.Parse(item.GetProperty("value").GetString()!).EnumerateObject())
            .Select(field => field.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return fields switch
        {
            _ when fields.Contains("exportCreationTimestamp") =>
                GoldenCheck.NotApplicable(name, "service exports are read by operators; the mirror copies the bytes, also of what operators refuse"),
            _ when fields.Contains("frontends") => new(name, () => Run(cases, (value, cluster, clusterId, key) =>
                ClusterService.TryParse(value, out var service, out var error)
                    ? service.Validate(cluster, clusterId ?? Math.Min(service.ClusterId, 255), key ?? $"{service.Namespace}/{service.Name}")
                    : error)),
            _ when fields.Contains("IPAddresses") => new(name, () => Run(cases, (value, cluster, clusterId, key) =>
                CiliumNode.TryParse(value, out var node, out var error)
                    ? node.Validate(cluster, clusterId ?? Math.Min(node.ClusterId, 255), key ?? node.Name)
                    : error)),
            _ => throw new InvalidDataException($"{golden.File}: values with the fields {string.Join(", ", fields)} are of no known resource"),
        };
    }

    private static void Run(List<JsonElement> cases, Validator validate)
    {
        foreach (var item in cases)
        {
            var value = Encoding.UTF8.GetBytes(item.GetProperty("value").GetString()!);
            var own = JsonElement.Parse(value).EnumerateObject().FirstOrDefault(field => field.Name.Equals("cluster", StringComparison.OrdinalIgnoreCase));
            var name = item.TryGetProperty("expected_cluster", out var other) ? other.GetString()!
                : own.Value.ValueKind == JsonValueKind.String && own.Value.GetString() is { Length: > 0 } written ? written : "foo";
            uint? id = item.TryGetProperty("expected_cluster_id", out var expected) ? expected.GetUInt32() : null;
            var problem = validate(value, ClusterName.Parse(name), id, item.TryGetProperty("key", out var key) ? key.GetString() : null);
            if (!item.TryGetProperty("error", out var error))
            {
                Assert.Null(problem);
            }
            else if (error.ValueKind != JsonValueKind.String || error.GetString()!.StartsWith("ClusterID >", StringComparison.Ordinal))
            {
                // Cilium's words for an id beyond every mesh; here it differs from that of the cluster.
                Assert.NotNull(problem);
            }
            else
            {
                Assert.Equal(error.GetString(), problem);
            }
        }
    }

    private void LabelCases()
    {
        foreach (var item in Of("labels").EnumerateArray())
        {
            if (item.TryGetProperty("op", out var op) && op.GetString() == "delete")
            {
                DeletesAreNotFiltered();
                continue;
            }

            var problem = Labels(Encoding.UTF8.GetBytes(item.GetProperty("value").GetString()!), ClusterName.Parse("foo"), 5, "327681");
            Assert.Equal(item.TryGetProperty("error", out var error) ? error.GetString() : null, problem);
        }
    }

    private void DeletesAreNotFiltered()
    {
        var mesh = new GoldenMesh();
        var pair = golden.Pairs.First();
        var source = mesh.Source(ClusterName.Parse("foo"));
        source.PutConfig("""{"cached":true}""", 5);
        source.Etcd.Put(pair.Key, pair.Value);
        Assert.True(source.Resync());
        Assert.NotEmpty(mesh.Agent.InForce(source.Cluster, ResourceKind.Identities));
        source.Etcd.Delete(pair.Key);
        source.PumpAll();
        Assert.Empty(mesh.Agent.InForce(source.Cluster, ResourceKind.Identities));
    }

    private void PrefixesOfEndpoints()
    {
        foreach (var (name, cached) in new[] { ("uncached", false), ("cached", true) })
        {
            var layout = new SourceLayout(ClusterName.Parse("foo"), new ClusterCapabilities(false, cached, 255, null, string.Empty));
            Assert.Equal(Of("prefix_watched").GetProperty(name).GetString(), layout.RangeOf(ResourceKind.Endpoints).Start);
        }
    }

    private void DropsForeignIdentities(string name, uint clusterId)
    {
        // "10.0.0.2 dropped (…)": the keys that stand before the word.
        var sentence = Of(name).GetString()!;
        var expected = sentence[..sentence.IndexOf(" dropped", StringComparison.Ordinal)].Split(", ");
        Assert.Equal(expected, golden.Pairs.Where(pair => Parse(pair.Value).Validate(clusterId, 255, pair.Key) is not null).Select(pair => pair.Key));
    }

    private void RemoteConfigs()
    {
        foreach (var item in Of("remote").EnumerateArray())
        {
            // The mirror refuses none; an agent refuses those of numbers that cannot be. Its own limit it learns from the configs.
            var json = Encoding.UTF8.GetBytes(item.GetProperty("cfg").GetRawText());
            Assert.True(CiliumClusterConfig.TryParse(json, out var config, out var problem), problem);
            var max = config.Capabilities.MaxConnectedClusters is 0 ? 255 : config.Capabilities.MaxConnectedClusters;
            if (item.TryGetProperty("ok", out _) || config.Id is 0 || config.Id > max)
            {
                var agent = new GoldenAgent(GoldenMesh.Local, 99);
                agent.Put(ClusterName.Parse("foo"), MeshKey.ClusterConfig, json);
                Assert.Equal(item.TryGetProperty("ok", out _), agent.ProblemOf(ClusterName.Parse("foo")) is null);
            }
        }
    }

    // A daemon's own name and id are strict: it must have an id, and a name that is not the default one.
    private void LocalClusters()
    {
        foreach (var item in Of("local").EnumerateArray())
        {
            var ok = item.TryGetProperty("ok", out var valid) && valid.GetBoolean() && (!item.TryGetProperty("strict", out var strict) || strict.GetBoolean());
            var flags = new RunFlags(new Dictionary<string, IReadOnlyList<string>>
            {
                ["--cluster-name"] = [item.GetProperty("name").GetString()!],
                ["--cluster-id"] = [item.GetProperty("id").GetRawText()],
                ["--max-connected-clusters"] = [item.GetProperty("max").GetRawText()],
                ["--clustermesh-config"] = [Path.GetTempPath()],
            });
            var refused = Record.Exception(flags.ToOptions);
            Assert.True(refused is null == ok, $"{item.GetRawText()}: {refused?.Message}");
        }
    }

    private void Names()
    {
        Assert.All(Of("names").GetProperty("valid").EnumerateArray(), name => Assert.True(ClusterName.TryParse(name.GetString(), out _, out _), name.GetString()));
        Assert.All(Of("names").GetProperty("invalid").EnumerateArray(), name => Assert.False(ClusterName.TryParse(name.GetString(), out _, out _), name.GetString()));
    }

    private static void Range(JsonElement range, Func<uint, uint, string?> validate)
    {
        var cluster = range.TryGetProperty("cluster_id", out var id) ? id.GetUInt32() : 0;
        Assert.All(range.GetProperty("accept").EnumerateArray(), identity => Assert.Null(validate(cluster, identity.GetUInt32())));
        Assert.All(range.GetProperty("reject").EnumerateArray(), identity => Assert.NotNull(validate(cluster, identity.GetUInt32())));
    }

    private static string? Labels(byte[] value, ClusterName cluster, uint clusterId, string key) =>
        IdentityLabels.TryParse(value, out var labels, out var error) ? labels.Validate(cluster, clusterId, 255, key) : error;

    private static IpIdentityPair Parse(byte[] value)
    {
        Assert.True(IpIdentityPair.TryParse(value, out var pair, out var error), error);
        return pair;
    }

    private static byte[] Value(GoldenPair pair) => pair.Value;

    private JsonElement Of(string name) => golden.Expect.GetProperty(name);

    [GeneratedRegex("^with_identity_validator_([0-9]+)$")]
    private static partial Regex WithIdentities();

    [GeneratedRegex("^identity_range_cluster_([0-9]+)$")]
    private static partial Regex IdentityRangeOf();
}
