using System.Net;
using CsCheck;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.IpCache;

namespace KvStoreMesh.NodeAgent.Tests.IpCache;

/// <summary>Which rows follow from nodes and endpoints, and which of several claims is in force.</summary>
public sealed class IpCacheTableTests
{
    private static readonly IPAddress OwnIp = IPAddress.Parse("172.18.0.4");
    private readonly IpCacheTable _table = new(Some.Cluster("a"), "own", OwnIp);

    [Fact]
    public void An_endpoint_is_reached_through_its_node()
    {
        Put("b", "10.2.0.15", 132306, "172.18.0.5");
        Assert.Equal("identity=132306 encryptkey=0 tunnelendpoint=172.18.0.5 flags=hastunnel", Row("10.2.0.15/32"));
    }

    [Fact]
    public void An_endpoint_of_this_node_has_no_tunnel()
    {
        Put("a", "10.1.0.15", 66000, "172.18.0.4");
        Assert.Equal("identity=66000 encryptkey=0 tunnelendpoint=0.0.0.0 flags=<none>", Row("10.1.0.15/32"));
    }

    [Fact]
    public void The_host_of_another_node_is_a_remote_node()
    {
        Put("b", "172.18.0.5", 1, "172.18.0.5");
        Assert.StartsWith("identity=6 ", Row("172.18.0.5/32"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_ipv6_endpoint_behind_an_ipv6_node_says_so()
    {
        Put("b", "fd00::15", 132306, "fc00::5");
        Assert.Equal("identity=132306 encryptkey=0 tunnelendpoint=fc00::5 flags=hastunnel,ipv6tunnel", Row("fd00::15/128"));
    }

    [Fact]
    public void A_remote_node_brings_its_addresses_router_cidrs_health_and_ingress()
    {
        _table.UpsertNode(Some.Cluster("b"), Node("b", "worker") with
        {
            HealthIps = [IPAddress.Parse("10.2.0.134")],
            IngressIps = [IPAddress.Parse("10.2.0.135")],
            EncryptionKey = 5,
        });
        Assert.Equal(
            [
                "10.2.0.0/24 identity=2 encryptkey=5 tunnelendpoint=172.18.0.5 flags=hastunnel",
                "10.2.0.10/32 identity=6 encryptkey=0 tunnelendpoint=172.18.0.5 flags=hastunnel,remotecluster",
                "10.2.0.134/32 identity=4 encryptkey=5 tunnelendpoint=172.18.0.5 flags=hastunnel",
                "10.2.0.135/32 identity=8 encryptkey=5 tunnelendpoint=172.18.0.5 flags=hastunnel",
                "172.18.0.5/32 identity=6 encryptkey=0 tunnelendpoint=0.0.0.0 flags=remotecluster",
            ],
            Rows());
        _table.RemoveNode(Some.Cluster("b"), "worker");
        Assert.Empty(Rows());
    }

    [Fact]
    public void A_node_of_the_own_cluster_is_not_of_a_remote_one_and_the_own_node_is_the_host()
    {
        _table.UpsertNode(Some.Cluster("a"), Node("a", "worker"));
        Assert.Equal("identity=6 encryptkey=0 tunnelendpoint=0.0.0.0 flags=<none>", Row("172.18.0.5/32"));
        _table.RemoveNode(Some.Cluster("a"), "worker");
        _table.UpsertNode(Some.Cluster("a"), Node("a", "own"));
        Assert.Equal(
            [
                "10.2.0.10/32 identity=1 encryptkey=0 tunnelendpoint=0.0.0.0 flags=<none>",
                "172.18.0.5/32 identity=1 encryptkey=0 tunnelendpoint=0.0.0.0 flags=<none>",
            ],
            Rows());
    }

    [Fact]
    public void A_node_that_moves_leaves_nothing_behind()
    {
        _table.UpsertNode(Some.Cluster("b"), Node("b", "worker"));
        _table.UpsertNode(Some.Cluster("b"), Node("b", "worker") with
        {
            Addresses = [new("InternalIP", IPAddress.Parse("172.18.0.9"))],
            AllocCidrs = [IPNetwork.Parse("10.2.0.0/24")],
        });
        Assert.Equal(["10.2.0.0/24", "172.18.0.9/32"], Rows().Select(row => row.Split(' ')[0]));
        Assert.Contains("tunnelendpoint=172.18.0.9", Row("10.2.0.0/24"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_local_cluster_wins_and_a_withdrawal_brings_the_next_claim_back()
    {
        Put("c", "10.9.0.1", 200000, "172.18.0.7");
        Put("b", "10.9.0.1", 131073, "172.18.0.5");
        Put("a", "10.9.0.1", 66000, "172.18.0.6");
        Assert.StartsWith("identity=66000 ", Row("10.9.0.1/32"), StringComparison.Ordinal);
        Assert.Equal(1, _table.Conflicts);
        _table.RemoveEndpoint(Some.Cluster("a"), "10.9.0.1");
        Assert.StartsWith("identity=131073 ", Row("10.9.0.1/32"), StringComparison.Ordinal);
        _table.RemoveEndpoint(Some.Cluster("b"), "10.9.0.1");
        Assert.StartsWith("identity=200000 ", Row("10.9.0.1/32"), StringComparison.Ordinal);
        Assert.Equal(0, _table.Conflicts);
        _table.RemoveEndpoint(Some.Cluster("c"), "10.9.0.1");
        Assert.Empty(Rows());
    }

    [Fact]
    public void The_order_of_arrival_never_matters_and_every_change_is_reported()
    {
        var claim = Gen.Select(
            Gen.OneOf("a", "b", "c"), Gen.OneOf("10.0.0.1", "10.0.0.2", "10.0.0.0/31", "10.0.0.1/32"), Gen.UInt[300, 302], Gen.Int[0, 2]);
        Gen.Select(claim.List[1, 25], Gen.Int).Sample((steps, seed) =>
        {
            var table = new IpCacheTable(Some.Cluster("b"), "own", OwnIp);
            Dictionary<(string, string), uint> model = [];
            Dictionary<IpPrefix, IpCacheEntry> follower = [];
            foreach (var (cluster, key, identity, dice) in steps)
            {
                if (dice == 0)
                {
                    model.Remove((cluster, key));
                    table.RemoveEndpoint(Some.Cluster(cluster), key);
                }
                else
                {
                    model[(cluster, key)] = identity;
                    table.UpsertEndpoint(Some.Cluster(cluster), key, Pair(key, identity, "172.18.0.5"));
                }

                foreach (var prefix in table.TakeChanged())
                {
                    follower.Remove(prefix);
                    if (table.Find(prefix) is { } entry)
                    {
                        follower[prefix] = entry;
                    }
                }
            }

            var shuffled = new IpCacheTable(Some.Cluster("b"), "own", OwnIp);
            var entries = model.ToArray();
            new Random(seed).Shuffle(entries);
            foreach (var ((cluster, key), identity) in entries)
            {
                shuffled.UpsertEndpoint(Some.Cluster(cluster), key, Pair(key, identity, "172.18.0.5"));
            }

            var expected = shuffled.Prefixes.ToDictionary(prefix => prefix, prefix => shuffled.Find(prefix)!.Value);
            Assert.Equal(expected.OrderBy(row => row.Key), follower.OrderBy(row => row.Key));
            Assert.Equal(shuffled.Conflicts, table.Conflicts);
        }, iter: 500);
    }

    [Theory]
    [InlineData("10.2.3.4/24", "10.2.3.0/24")]
    [InlineData("10.2.3.4", "10.2.3.4/32")]
    [InlineData("fd00::1/0", "::/0")]
    [InlineData("fd00::ff", "fd00::ff/128")]
    public void A_prefix_is_masked_and_written_as_in_Cilium(string text, string expected)
    {
        Assert.True(IpPrefix.TryParse(text, out var prefix));
        Assert.Equal(expected, prefix.ToString());
    }

    [Theory]
    [InlineData("10.2.3.4/33")]
    [InlineData("10.2.3.4/")]
    [InlineData("10.2.3.4/-1")]
    [InlineData("nonsense")]
    [InlineData("")]
    public void What_is_no_prefix_is_refused(string text) => Assert.False(IpPrefix.TryParse(text, out _));

    private static CiliumNode Node(string cluster, string name) => new()
    {
        Name = name,
        Cluster = cluster,
        Addresses = [new("InternalIP", IPAddress.Parse("172.18.0.5")), new("CiliumInternalIP", IPAddress.Parse("10.2.0.10"))],
        AllocCidrs = [IPNetwork.Parse("10.2.0.0/24")],
    };

    private static IpIdentityPair Pair(string key, uint identity, string hostIp)
    {
        var parts = key.Split('/');
        return new IpIdentityPair
        {
            Ip = IPAddress.Parse(parts[0]),
            PrefixLength = parts.Length == 1 ? null : byte.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture),
            HostIp = IPAddress.Parse(hostIp),
            Identity = identity,
        };
    }

    private void Put(string cluster, string key, uint identity, string hostIp) =>
        _table.UpsertEndpoint(Some.Cluster(cluster), key, Pair(key, identity, hostIp));

    private string Row(string prefix) => IpPrefix.TryParse(prefix, out var parsed) ? $"{_table.Find(parsed)}" : "not a prefix";

    private List<string> Rows() => [.. _table.Prefixes.Order().Select(prefix => $"{prefix} {_table.Find(prefix)}")];
}
