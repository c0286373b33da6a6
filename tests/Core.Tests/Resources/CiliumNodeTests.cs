using System.Net;
using System.Text;
using CsCheck;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.Core.Tests.Resources;

public sealed class CiliumNodeTests
{
    [Fact]
    public void Every_way_to_write_a_node_reads_the_same() =>
        Nodes().Sample(x => Assert.Equal(Describe(x.Node), Describe(Parse(x.Json))), iter: 3_000);

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"IPAddresses\":null,\"IPv4AllocCIDR\":null,\"IPv6SecondaryAllocCIDRs\":null,\"IPv4HealthIP\":\"\",\"IPv6IngressIP\":null}")]
    [InlineData("{\"IPAddresses\":[null,{},{\"Type\":\"Hostname\",\"IP\":\"\"}],\"IPv4SecondaryAllocCIDRs\":[null]}")]
    [InlineData("{\"IPAddresses\":[{\"IP\":\"10.0.0.1\"}],\"ipaddresses\":[]}")]
    public void What_is_absent_or_null_is_empty(string json)
    {
        var node = Parse(json);
        Assert.Empty(node.Addresses);
        Assert.Empty(node.AllocCidrs);
        Assert.Empty(node.HealthIps);
        Assert.Empty(node.IngressIps);
        Assert.Equal("cluster is unset", node.Validate(ClusterName.Parse("foo"), 0, "bar"));
    }

    [Fact]
    public void A_pod_CIDR_loses_its_host_bits()
    {
        var node = Parse("{\"IPv4AllocCIDR\":{\"IP\":\"10.244.3.7\",\"Mask\":\"///wAA==\"}}");
        Assert.Equal([IPNetwork.Parse("10.244.0.0/20")], node.AllocCidrs);
    }

    [Fact]
    public void A_nested_field_is_not_taken_for_one_of_the_node()
    {
        var node = Parse("{\"IPv4AllocCIDR\":{\"IP\":\"10.0.0.0\",\"Mask\":\"/wAAAA==\",\"Name\":\"x\",\"IPv6HealthIP\":\"::1\"}}");
        Assert.Empty(node.Name);
        Assert.Empty(node.HealthIps);
    }

    [Theory]
    [InlineData("{\"IPv4AllocCIDR\":{}}", "\"IPv4AllocCIDR\" has no IP")]
    [InlineData("{\"IPv4AllocCIDR\":{\"IP\":\"10.0.0.0\"}}", "\"IPv4AllocCIDR\" has no Mask")]
    [InlineData("{\"IPv6SecondaryAllocCIDRs\":[{\"IP\":\"::\",\"Mask\":\"\"}]}", "the mask of :: has 0 bits instead of 128")]
    [InlineData("{\"IPAddresses\":[{\"IP\":\"fe80::1%eth0\"}]}", "\"IP\": 'fe80::1%eth0' is not an IP address")]
    [InlineData("{\"IPAddresses\":{}}", "\"IPAddresses\" must be an array")]
    [InlineData("{\"EncryptionKey\":256}", "\"EncryptionKey\" must be a whole number from 0 to 255")]
    public void An_error_says_where_and_what(string json, string what)
    {
        Assert.False(CiliumNode.TryParse(Encoding.UTF8.GetBytes(json), out _, out var error));
        Assert.StartsWith("at byte ", error, StringComparison.Ordinal);
        Assert.Contains(what, error, StringComparison.Ordinal);
    }

    private static CiliumNode Parse(string json)
    {
        Assert.True(CiliumNode.TryParse(Encoding.UTF8.GetBytes(json), out var node, out var error), $"{error}: {json}");
        return node;
    }

    private static Gen<(CiliumNode Node, string Json)> Nodes() =>
        from name in JsonMess.Name
        from cluster in JsonMess.Name
        from clusterId in Gen.UInt
        from key in Gen.Byte
        from addresses in Gen.Select(JsonMess.Name, V4, (type, ip) => new NodeAddress(type, ip)).Array[0, 4]
        from allocV4 in Network(4).Array[0, 1]
        from allocV6 in Network(16).Array[0, 1]
        from secondaryV4 in Network(4).Array[0, 2]
        from secondaryV6 in Network(16).Array[0, 2]
        from healthV4 in V4.Array[0, 1]
        from healthV6 in V6.Array[0, 1]
        from ingressV4 in V4.Array[0, 1]
        from ingressV6 in V6.Array[0, 1]
        let node = new CiliumNode
        {
            Name = name,
            Cluster = cluster,
            ClusterId = clusterId,
            EncryptionKey = key,
            Addresses = addresses,
            AllocCidrs = [.. allocV4, .. allocV6, .. secondaryV4, .. secondaryV6],
            HealthIps = [.. healthV4, .. healthV6],
            IngressIps = [.. ingressV4, .. ingressV6],
        }
        from json in JsonMess.Struct(
            ("Name", JsonMess.Text(name)),
            ("Cluster", JsonMess.Text(cluster)),
            ("ClusterID", Gen.Const($"{clusterId}")),
            ("EncryptionKey", Gen.Const($"{key}")),
            ("IPAddresses", JsonMess.Array(addresses.Select(x => JsonMess.Struct(("Type", JsonMess.Text(x.Type)), ("IP", Write(x.Ip)))))),
            ("IPv4AllocCIDR", allocV4.Length == 0 ? Gen.Const("null") : Write(allocV4[0])),
            ("IPv6AllocCIDR", allocV6.Length == 0 ? Gen.Const("null") : Write(allocV6[0])),
            ("IPv4SecondaryAllocCIDRs", JsonMess.Array(secondaryV4.Select(Write))),
            ("IPv6SecondaryAllocCIDRs", JsonMess.Array(secondaryV6.Select(Write))),
            ("IPv4HealthIP", Write(healthV4.FirstOrDefault())),
            ("IPv6HealthIP", Write(healthV6.FirstOrDefault())),
            ("IPv4IngressIP", Write(ingressV4.FirstOrDefault())),
            ("IPv6IngressIP", Write(ingressV6.FirstOrDefault())))
        select (node, json);

    private static Gen<IPAddress> V4 { get; } = Gen.Byte.Array[4].Select(bytes => new IPAddress(bytes));

    private static Gen<IPAddress> V6 { get; } = Gen.Byte.Array[16].Select(bytes => new IPAddress(bytes));

    private static Gen<IPNetwork> Network(int bytes) => Gen.Select(Gen.Byte.Array[bytes], Gen.Int[0, 8 * bytes], (address, length) =>
        new IPNetwork(new IPAddress([.. address.Zip(MaskBytes(bytes, length), (part, mask) => (byte)(part & mask))]), length));

    private static Gen<string> Write(IPAddress? ip) => JsonMess.Text(ip is null ? string.Empty : GoIpAddress.Format(ip));

    private static Gen<string> Write(IPNetwork network) => JsonMess.Struct(
        ("IP", Write(network.BaseAddress)),
        ("Mask", JsonMess.Text(Convert.ToBase64String(MaskBytes(network.BaseAddress.GetAddressBytes().Length, network.PrefixLength)))));

    private static byte[] MaskBytes(int bytes, int ones) =>
        [.. Enumerable.Range(0, bytes).Select(i => (byte)(0xff00 >> Math.Clamp(ones - (8 * i), 0, 8)))];

    private static string Describe(CiliumNode node) => string.Join('\n', [
        node.Name, node.Cluster, $"{node.ClusterId} {node.EncryptionKey}", "addresses", .. node.Addresses.Select(x => $"{x}"),
        "cidrs", .. node.AllocCidrs.Select(x => $"{x}"), "health", .. node.HealthIps.Select(x => $"{x}"),
        "ingress", .. node.IngressIps.Select(x => $"{x}")]);
}
