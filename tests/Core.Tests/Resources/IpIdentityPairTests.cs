using System.Net;
using System.Text;
using CsCheck;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.Core.Tests.Resources;

public sealed class IpIdentityPairTests
{
    [Fact]
    public void Every_way_to_write_a_pair_reads_the_same() =>
        Pairs().Sample(x => Assert.Equal(x.Pair, Parse(x.Json)), iter: 5_000);

    [Fact]
    public void A_pair_belongs_to_the_key_that_Go_prints_for_it() => Pairs().Sample(x =>
    {
        var key = GoIpAddress.Format(x.Pair.Ip) + (x.Pair.PrefixLength is { } ones ? $"/{ones}" : "");
        var reserved = x.Pair with { Identity = NumericIdentity.World };
        Assert.Null(reserved.Validate(5, 255, key));
        Assert.Equal($"IP address does not match key: expected {key}x, got {key}", reserved.Validate(5, 255, key + "x"));
    });

    [Theory]
    [InlineData(5, 255, 327680, true)]
    [InlineData(5, 255, 393215, true)]
    [InlineData(5, 255, 393216, false)]
    [InlineData(5, 255, 256, false)]
    [InlineData(5, 255, 255, true)]
    [InlineData(5, 511, 163840, true)]
    [InlineData(5, 511, 327680, false)]
    [InlineData(0, 255, 256, true)]
    [InlineData(256, 255, 256, false)]
    [InlineData(5, 255, 0x1000001, false)]
    public void An_identity_is_reserved_or_of_the_cluster(uint clusterId, uint max, uint identity, bool valid)
    {
        var pair = Parse($"{{\"IP\":\"10.0.0.1\",\"ID\":{identity}}}");
        Assert.Equal(valid, pair.Validate(clusterId, max, "10.0.0.1") is null);
    }

    [Theory]
    [InlineData("null", "no IP")]
    [InlineData("{}", "no IP")]
    [InlineData("{\"IP\":null}", "no IP")]
    [InlineData("{\"IP\":\"\"}", "no IP")]
    [InlineData("{\"IP\":\"10.0.0.1/32\"}", "\"IP\": '10.0.0.1/32' is not an IP address")]
    [InlineData("{\"IP\":\"10.0.0.1\",\"HostIP\":\"node\"}", "\"HostIP\": 'node' is not an IP address")]
    [InlineData("{\"IP\":16777226}", "\"IP\" must be a string")]
    [InlineData("{\"IP\":\"10.0.0.1\",\"Mask\":\"\"}", "the mask of 10.0.0.1 has 0 bits instead of 32")]
    [InlineData("{\"IP\":\"10.0.0.1\",\"Mask\":\"//////////8AAAAAAAAAAA==\"}", "the mask of 10.0.0.1 has 128 bits instead of 32")]
    [InlineData("{\"IP\":\"fd00::\",\"Mask\":\"////AA==\"}", "the mask of fd00:: has 32 bits instead of 128")]
    [InlineData("{\"IP\":\"10.0.0.1\",\"Mask\":\"/wD/AA==\"}", "the ones of mask ff00ff00 of 10.0.0.1 are not contiguous")]
    [InlineData("{\"IP\":\"10.0.0.1\",\"Mask\":\"///+Ag==\"}", "the ones of mask fffffe02 of 10.0.0.1 are not contiguous")]
    [InlineData("{\"IP\":\"10.0.0.1\",\"Mask\":\"////\"}", "the mask of 10.0.0.1 has 24 bits instead of 32")]
    [InlineData("{\"IP\":\"10.0.0.1\",\"Mask\":\"////AA\"}", "\"Mask\": '////AA' is not the base64 of a mask")]
    [InlineData("{\"IP\":\"10.0.0.1\",\"Mask\":\"/24\"}", "\"Mask\": '/24' is not the base64 of a mask")]
    [InlineData("{\"IP\":\"10.0.0.1\",\"Key\":256}", "\"Key\" must be a whole number from 0 to 255")]
    public void An_error_says_what(string json, string what)
    {
        Assert.False(IpIdentityPair.TryParse(Encoding.UTF8.GetBytes(json), out _, out var error));
        Assert.Contains(what, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_prefix_length_is_read_from_its_mask() => Gen.Select(Gen.Bool, Gen.Int[0, 128]).Sample((v4, length) =>
    {
        length = v4 ? Math.Min(length, 32) : length;
        var pair = Parse($"{{\"IP\":\"{(v4 ? "10.0.0.0" : "fd00::")}\",\"Mask\":\"{Mask(v4 ? 4 : 16, length)}\"}}");
        Assert.Equal(length, pair.PrefixLength);
    });

    private static IpIdentityPair Parse(string json)
    {
        Assert.True(IpIdentityPair.TryParse(Encoding.UTF8.GetBytes(json), out var pair, out var error), $"{error}: {json}");
        return pair;
    }

    private static Gen<(IpIdentityPair Pair, string Json)> Pairs() =>
        from ip in Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16])
        from length in Gen.Int[0, 8 * ip.Length].Nullable()
        from hostIp in Gen.Byte.Array[4].Null()
        from identity in Gen.UInt
        from key in Gen.Byte
        from podNamespace in JsonMess.Name
        from podName in JsonMess.Name
        let pair = new IpIdentityPair
        {
            Ip = new IPAddress(ip),
            PrefixLength = length,
            HostIp = hostIp is null ? null : new IPAddress(hostIp),
            Identity = identity,
            Key = key,
            Namespace = podNamespace,
            PodName = podName,
        }
        from json in JsonMess.Struct(
            ("IP", JsonMess.Text(GoIpAddress.Format(pair.Ip))),
            ("Mask", length is null ? Gen.Const("null") : JsonMess.Text(Mask(ip.Length, length.Value))),
            ("HostIP", JsonMess.Text(pair.HostIp?.ToString() ?? string.Empty)),
            ("ID", Gen.Const($"{identity}")),
            ("Key", Gen.Const($"{key}")),
            ("K8sNamespace", JsonMess.Text(podNamespace)),
            ("K8sPodName", JsonMess.Text(podName)),
            ("NamedPorts", Gen.Const("[{\"Name\":\"http\",\"Port\":8080,\"Protocol\":\"TCP\"}]")))
        select (pair, json);

    private static string Mask(int bytes, int ones) => Convert.ToBase64String(
        [.. Enumerable.Range(0, bytes).Select(i => (byte)Enumerable.Range(0, 8).Sum(bit => (8 * i) + bit < ones ? 128 >> bit : 0))]);
}
