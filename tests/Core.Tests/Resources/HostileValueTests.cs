using System.Text;
using CsCheck;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.Core.Tests.Resources;

/// <summary>Whatever bytes a remote etcd holds: no exception, a bounded effort, one line that says what is wrong.</summary>
public sealed class HostileValueTests
{
    private const int MaxErrorLength = 401;

    private static readonly byte[][] Valid = [.. new[]
    {
        """{"Name":"n","Cluster":"c","IPAddresses":[{"Type":"InternalIP","IP":"172.18.0.2"}],"IPv4AllocCIDR":{"IP":"10.244.0.0","Mask":"////AA=="},"IPv6SecondaryAllocCIDRs":[{"IP":"fd00::","Mask":"//////////8AAAAAAAAAAA=="}],"IPv4HealthIP":"10.244.0.134","ClusterID":3,"EncryptionKey":7,"Labels":{"a":"b"}}""",
        """{"IP":"10.0.1.0","Mask":"////AA==","HostIP":"172.18.0.3","ID":199472,"Key":5,"Metadata":"","K8sNamespace":"foo","NamedPorts":[{"Name":"http","Port":8080}]}""",
        """{"cluster":"c","namespace":"test","name":"echo","frontends":{"10.96.50.104":{"http":{"Protocol":"TCP","Port":80}}},"backends":{"fd00::1":{"":{"Protocol":"TCP","Port":8080}}},"zones":{"10.244.1.1":{"forZones":[{"name":"zone1"}]}},"shared":true,"clusterID":3}""",
        "k8s:app=baz;k8s:io.cilium.k8s.policy.cluster=cluster3;reserved:host=;",
    }.Select(Encoding.UTF8.GetBytes)];

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 300].Sample(Survives, iter: 5_000);

    [Fact]
    public void Random_JSON_tokens_never_throw() => Gen.OneOf(
            Gen.Const("{"), Gen.Const("}"), Gen.Const("["), Gen.Const("]"), Gen.Const(":"), Gen.Const(","), Gen.Const("null"), Gen.Const("1e400"),
            Gen.Const("-0"), Gen.Const("\"IP\""), Gen.Const("\"backends\":{"), Gen.Const("\"10.0.0.1\":{"), Gen.Const("\"\\u0000\\ud800\""), Gen.Const("true"))
        .Array[0, 20].Sample(tokens => Survives(Encoding.UTF8.GetBytes(string.Concat(tokens))), iter: 5_000);

    [Fact]
    public void Mutated_values_never_throw() => (
        from value in Gen.OneOf([.. Valid.Select(Gen.Const)])
        from mutations in Mutation(value.Length).Array[1, 4]
        select mutations.Aggregate(value, (bytes, mutate) => mutate(bytes))).Sample(Survives, iter: 20_000);

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"x\":", "}")]
    public void Deep_nesting_is_an_error_even_where_nobody_reads(string open, string close)
    {
        const int Depth = 100_000;
        Survives(Encoding.UTF8.GetBytes(
            $"{{\"unknown\":{string.Concat(Enumerable.Repeat(open, Depth))}1{string.Concat(Enumerable.Repeat(close, Depth))}}}"));
        Assert.False(CiliumNode.TryParse(Encoding.UTF8.GetBytes($"{{\"x\":{new string('[', 64)}{new string(']', 64)}}}"), out _, out _));
    }

    [Fact]
    public void A_value_beyond_the_limit_is_not_read()
    {
        var value = Encoding.UTF8.GetBytes($"{{\"Name\":\"{new string('x', 3 << 19)}\"}}");
        Assert.False(CiliumNode.TryParse(value, out _, out var error));
        Assert.Contains("at most 1572864 are accepted", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Foreign_text_in_an_error_is_cut_and_stays_on_its_line()
    {
        var key = string.Concat(Enumerable.Repeat("\\n\\u2028\\u001b[31m", 1_000));
        Assert.False(ClusterService.TryParse(Encoding.UTF8.GetBytes($"{{\"backends\":{{\"{key}\":5}}}}"), out _, out var error));
        AssertOneLine(error);
        Assert.False(ClusterService.TryParse(Encoding.UTF8.GetBytes($"{{\"backends\":{{\"1.1.1.1\":{{\"{key}\":5}}}}}}"), out _, out error));
        AssertOneLine(error);
    }

    [Theory]
    [InlineData("{\"IP\":\"1.1.1.1\"} x")]
    [InlineData("{\"IP\":\"1.1.1.1\"}{}")]
    [InlineData("\uFEFF{\"IP\":\"1.1.1.1\"}")]
    [InlineData("{\"IP\":\"1.1.1.1\",}")]
    [InlineData("{\"IP\":\"1.1.1.1\"/**/}")]
    [InlineData("{'IP':'1.1.1.1'}")]
    [InlineData("{\"IP\":\"1.1.1.1\",\"ID\":01}")]
    [InlineData("{\"IP\":\"1.1.1.1\",\"x\":\"\n\"}")]
    [InlineData("{\"IP\":\"1.1.1.1\"")]
    [InlineData(" ")]
    public void What_Go_does_not_take_for_JSON_is_an_error(string json)
    {
        Assert.False(IpIdentityPair.TryParse(Encoding.UTF8.GetBytes(json), out _, out var error));
        Assert.Contains("BytePositionInLine", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_not_Unicode_is_replaced_as_in_Go()
    {
        byte[] json = [.. "{\"IP\":\"1.1.1.1\",\"K8sPodName\":\""u8, 0xff, .. "\\ud800x\"}"u8];
        Assert.True(IpIdentityPair.TryParse(json, out var pair, out var error), error);
        Assert.Equal("\uFFFD\uFFFDx", pair.PodName);
    }

    private static void Survives(byte[] value)
    {
        var cluster = ClusterName.Parse("c");
        Assert.Equal(CiliumNode.TryParse(value, out var node, out var error), AssertSound(node, error));
        AssertOneLine(node?.Validate(cluster, 3, "n"));
        Assert.Equal(IpIdentityPair.TryParse(value, out var pair, out error), AssertSound(pair, error));
        AssertOneLine(pair?.Validate(3, 255, "10.0.1.0/24"));
        Assert.Equal(ClusterService.TryParse(value, out var service, out error), AssertSound(service, error));
        AssertOneLine(service?.Validate(cluster, 3, "test/echo"));
        Assert.Equal(IdentityLabels.TryParse(value, out var labels, out error), AssertSound(labels, error));
        AssertOneLine(labels?.Validate(cluster, 3, 255, "199472"));
    }

    private static bool AssertSound(object? value, string? error)
    {
        Assert.True(value is null != error is null);
        AssertOneLine(error);
        return value is not null;
    }

    private static void AssertOneLine(string? error)
    {
        Assert.True(error is null or { Length: > 0 and <= MaxErrorLength }, error);
        Assert.DoesNotContain(error ?? string.Empty, c => char.IsControl(c) || c is '\u2028' or '\u2029');
    }

    private static Gen<Func<byte[], byte[]>> Mutation(int length) => Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, length], Gen.Int[0, 12], Gen.Byte.Array[0, 6]).Select((kind, at, count, bytes) => (Func<byte[], byte[]>)(value =>
        {
            var start = Math.Min(at, value.Length);
            var end = Math.Min(start + count, value.Length);
            return kind switch
            {
                0 => [.. value[..start], .. bytes, .. value[end..]],
                1 => [.. value[..start], .. value[end..]],
                2 => [.. value[..end], .. value[start..]],
                _ => value[..start],
            };
        }));
}
