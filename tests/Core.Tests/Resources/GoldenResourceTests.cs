using System.Net;
using System.Text;
using System.Text.Json;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.TestSupport.Golden;

namespace KvStoreMesh.Core.Tests.Resources;

/// <summary>What Cilium's own writers store is read and found valid; what its validators refuse is refused.</summary>
public sealed class GoldenResourceTests
{
    private static readonly ClusterName Cluster3 = ClusterName.Parse("cluster3");
    private static readonly ClusterName Foo = ClusterName.Parse("foo");

    // What stands between the resource's version and the name; the cluster in all but two.
    private static readonly string[] Layouts = ["nodes", "services", "ip", "identities"];

    [GoldenTheory]
    [InlineData("01", "cluster3", 3)]
    [InlineData("02", "cluster3", 3)]
    [InlineData("03", "cluster3", 3)]
    [InlineData("06", "cluster3", 3)]
    [InlineData("07", "cluster3", 3)]
    [InlineData("10", "cluster2", 2)]
    [InlineData("10", "cluster3", 3)]
    [InlineData("14", "foo", 1)]
    public void Every_value_that_Cilium_stores_is_valid(string number, string cluster, uint clusterId)
    {
        var kvs = GoldenKeyValues.In(GoldenVectors.Load(number)).Distinct().ToList();
        var checkedHere = kvs.Where(kv => Layouts.Any(kv.Key.Split('/').Contains) && IsOf(kv.Key, cluster)).ToList();
        Assert.NotEmpty(checkedHere);
        Assert.All(checkedHere, kv => Assert.Null(Problem(kv.Key, kv.Value, ClusterName.Parse(cluster), clusterId)));
    }

    [GoldenFact]
    public void A_node_is_read_whole()
    {
        Assert.True(CiliumNode.TryParse(Value("01", 1), out var node, out var error), error);
        Assert.Equal("test-node-2", node.Name);
        Assert.Equal("cluster3", node.Cluster);
        Assert.Equal(3u, node.ClusterId);
        Assert.Equal(7, node.EncryptionKey);
        Assert.Equal(
            ["InternalIP 172.18.0.3", "InternalIP fc00:c111::3", "CiliumInternalIP 10.244.1.130", "CiliumInternalIP fd00:10:244:1::9089"],
            node.Addresses.Select(address => $"{address.Type} {address.Ip}"));
        Assert.Equal([IPNetwork.Parse("10.244.1.0/24"), IPNetwork.Parse("fd00:10:244:1::/64")], node.AllocCidrs);
        Assert.Equal([IPAddress.Parse("10.244.1.153"), IPAddress.Parse("fd00:10:244:1::835d")], node.HealthIps);
        Assert.Empty(node.IngressIps);
    }

    [GoldenFact]
    public void A_pod_is_read_whole()
    {
        var (key, value) = GoldenKeyValues.In(GoldenVectors.Load("03")).First(kv => kv.Key.EndsWith("/10.244.2.74", StringComparison.Ordinal));
        Assert.True(IpIdentityPair.TryParse(Encoding.UTF8.GetBytes(value), out var pair, out var error), error);
        var expected = new IpIdentityPair
        {
            Ip = IPAddress.Parse("10.244.2.74"),
            HostIp = IPAddress.Parse("172.18.0.2"),
            Identity = 199475,
            Key = 5,
            Namespace = "bar",
            PodName = "cep-002",
        };
        Assert.Equal(expected, pair);
        Assert.Null(Problem(key, value, Cluster3, 3));
    }

    [GoldenFact]
    public void A_service_is_read_whole()
    {
        Assert.True(ClusterService.TryParse(Value("07", 0), out var service, out var error), error);
        Assert.Equal(("cluster3", "test", "echo", 3u), (service.Cluster, service.Namespace, service.Name, service.ClusterId));
        Assert.True(service.Shared && service.IncludeExternal);
        Assert.Equal(new L4Port("TCP", 80), service.Frontends[IPAddress.Parse("10.96.50.104")]["http"]);
        Assert.Equal(new L4Port("TCP", 8080), service.Backends[IPAddress.Parse("10.244.1.1")]["http"]);
        Assert.Single(service.Frontends);
        Assert.Single(service.Backends);
    }

    [GoldenFact]
    public void Node_validation_is_that_of_Cilium() => CheckCases("29", "foo", (value, cluster, clusterId, key) =>
    {
        Assert.True(CiliumNode.TryParse(value, out var node, out var error), error);
        return node.Validate(cluster, clusterId ?? Math.Min(node.ClusterId, 255), key ?? node.Name);
    });

    [GoldenFact]
    public void Service_validation_is_that_of_Cilium() => CheckCases("30", "foo", (value, cluster, clusterId, key) =>
        ClusterService.TryParse(value, out var service, out var error)
            ? service.Validate(cluster, clusterId ?? Math.Min(service.ClusterId, 255), key ?? $"{service.Namespace}/{service.Name}")
            : error);

    [GoldenFact]
    public void Identity_validation_is_that_of_Cilium()
    {
        var expect = GoldenVectors.Load("33").GetProperty("expect");
        foreach (var item in expect.GetProperty("labels").EnumerateArray().Where(item => !item.TryGetProperty("op", out _)))
        {
            Assert.True(IdentityLabels.TryParse(Bytes(item.GetProperty("value")), out var labels, out var error), error);
            Assert.Equal(
                item.TryGetProperty("error", out var problem) ? problem.GetString() : null, labels.Validate(Foo, 5, 255, "327681"));
        }

        Assert.True(IdentityLabels.TryParse(Value("33", 0), out var valid, out _));
        CheckRange(expect.GetProperty("id_range"), identity => valid.Validate(Foo, 5, 255, $"{identity}"));
    }

    [GoldenFact]
    public void Pair_validation_is_that_of_Cilium()
    {
        var golden = GoldenVectors.Load("34");
        var problems = GoldenKeyValues.In(golden).Select(kv =>
        {
            Assert.True(IpIdentityPair.TryParse(Encoding.UTF8.GetBytes(kv.Value), out var pair, out var error), error);
            Assert.NotNull(pair.Validate(10, 255, kv.Key + "0"));
            return (kv.Key, Problem: pair.Validate(10, 255, kv.Key));
        }).Where(x => x.Problem is not null).ToList();
        var dropped = Assert.Single(problems);
        Assert.Equal("10.0.0.2", dropped.Key);
        Assert.StartsWith("identity 721099 ", dropped.Problem, StringComparison.Ordinal);
        CheckRange(
            golden.GetProperty("expect").GetProperty("identity_range_cluster_5"),
            identity => new IpIdentityPair { Ip = IPAddress.Loopback, Identity = identity }.Validate(5, 255, "127.0.0.1"));
    }

    [GoldenFact]
    public void Identity_bits_are_those_of_Cilium()
    {
        var expect = GoldenVectors.Load("36").GetProperty("expect");
        foreach (var (name, max) in new[] { ("max255", 255u), ("max511", 511u) })
        {
            foreach (var example in expect.GetProperty(name).GetProperty("examples").EnumerateArray())
            {
                var cluster = example.GetProperty("cluster").GetUInt32();
                Assert.True(IdentityRange.TryCreate(cluster, max, out var range, out _));
                if (example.TryGetProperty("min", out var first))
                {
                    Assert.Equal(new IdentityRange(first.GetUInt32(), example.GetProperty("max").GetUInt32()), range);
                }
                else
                {
                    var identity = example.GetProperty("identity").GetUInt32();
                    Assert.True(range.Contains(identity) || NumericIdentity.IsReserved(identity));
                }
            }
        }
    }

    [GoldenFact]
    public void Labels_are_written_and_read_as_by_Cilium()
    {
        var expect = GoldenVectors.Load("37").GetProperty("expect");
        var serialise = expect.GetProperty("serialise");
        var written = serialise.GetProperty("labels").EnumerateArray().Select(label => new IdentityLabel(
            label.GetProperty("source").GetString()!, label.GetProperty("key").GetString()!, label.GetProperty("value").GetString()!));
        Assert.Equal(serialise.GetProperty("text").GetString(), new IdentityLabels([.. written]).ToString());
        foreach (var item in expect.GetProperty("parse").EnumerateArray())
        {
            Assert.True(IdentityLabels.TryParse(Bytes(item.GetProperty("text")), out var labels, out var error), error);
            Assert.Equal(
                item.GetProperty("labels").EnumerateArray().Select(label => new IdentityLabel(
                    label[0].GetString()!, label[1].GetString()!, label[2].GetString()!)),
                labels.Labels);
        }
    }

    // A key ends with the name, before which stand the resource, its version and what the layout puts there.
    private static string? Problem(string key, string text, ClusterName cluster, uint clusterId)
    {
        var value = Encoding.UTF8.GetBytes(text);
        var parts = key.Split('/');
        var name = string.Join('/', parts[(parts[2] == "identities" ? ^1 : 5)..]);
        switch (parts[2])
        {
            case "nodes":
                return CiliumNode.TryParse(value, out var node, out var error) ? node.Validate(cluster, clusterId, name) : error;
            case "services":
                return ClusterService.TryParse(value, out var service, out error) ? service.Validate(cluster, clusterId, name) : error;
            case "ip":
                return IpIdentityPair.TryParse(value, out var pair, out error) ? pair.Validate(clusterId, 255, name) : error;
            default:
                return IdentityLabels.TryParse(value, out var labels, out error)
                    ? labels.Validate(cluster, clusterId, 255, name) : error;
        }
    }

    private static bool IsOf(string key, string cluster) =>
        key.Contains($"/{cluster}/", StringComparison.Ordinal) || key.Contains("/default/", StringComparison.Ordinal)
        || key.StartsWith("cilium/state/identities/", StringComparison.Ordinal);

    private static void CheckCases(string number, string cluster, Func<byte[], ClusterName, uint?, string?, string?> validate)
    {
        var cases = GoldenVectors.Load(number).GetProperty("expect").GetProperty("cases").EnumerateArray().ToList();
        Assert.NotEmpty(cases);
        foreach (var item in cases)
        {
            var name = ClusterName.Parse(item.TryGetProperty("expected_cluster", out var other) ? other.GetString()! : cluster);
            uint? id = item.TryGetProperty("expected_cluster_id", out var expected) ? expected.GetUInt32() : null;
            var key = item.TryGetProperty("key", out var expectedKey) ? expectedKey.GetString() : null;
            var problem = validate(Bytes(item.GetProperty("value")), name, id, key);
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

    private static void CheckRange(JsonElement range, Func<uint, string?> validate)
    {
        Assert.All(range.GetProperty("accept").EnumerateArray(), identity => Assert.Null(validate(identity.GetUInt32())));
        Assert.All(range.GetProperty("reject").EnumerateArray(), identity => Assert.NotNull(validate(identity.GetUInt32())));
    }

    private static byte[] Value(string number, int index) =>
        Bytes(GoldenVectors.Load(number).GetProperty("kvs")[index].GetProperty("value"));

    private static byte[] Bytes(JsonElement text) => Encoding.UTF8.GetBytes(text.GetString()!);
}
