using System.Text;
using CsCheck;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.TestSupport.Golden;

namespace KvStoreMesh.Core.Tests.Clusters;

public sealed class CiliumClusterConfigTests
{
    [GoldenFact]
    public void Configs_as_Cilium_writes_them_are_understood()
    {
        var configs = GoldenVectors.Load("05").GetProperty("kvs").EnumerateArray()
            .Select(kv => Parse(kv.GetProperty("value").GetString()!))
            .ToList();

        Assert.Equal(
            [
                new(3, new(true, false, 255, false, EndpointSlicesExportMode.ServicesAndEndpointSlices)),
                new(5, new(true, false, 255, true, EndpointSlicesExportMode.ServicesAndEndpointSlices)),
                new(5, new(true, false, 255, false, EndpointSlicesExportMode.EndpointSlicesOnly)),
            ],
            configs);
    }

    [GoldenFact]
    public void Configs_as_a_mirror_writes_them_are_cached()
    {
        foreach (var variant in GoldenVectors.Load("05").GetProperty("expect").GetProperty("variants").EnumerateArray())
        {
            var own = Parse(variant.GetProperty("kv").GetProperty("value").GetString()!);
            var mirrored = Parse(variant.GetProperty("kvstoremesh_rewrites_locally_as").GetProperty("value").GetString()!);
            Assert.Equal(own with { Capabilities = own.Capabilities with { Cached = true } }, mirrored);
        }
    }

    [GoldenFact]
    public void Configs_that_agents_refuse_are_mirrored_all_the_same()
    {
        foreach (var remote in GoldenVectors.Load("35").GetProperty("expect").GetProperty("remote").EnumerateArray())
        {
            var json = remote.GetProperty("cfg");
            Assert.Equal(json.TryGetProperty("id", out var id) ? id.GetUInt32() : 0, Parse(json.GetRawText()).Id);
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"id":0,"capabilities":null,"unknown":[1,{"id":9}]}""")]
    public void What_is_absent_is_zero(string json) =>
        Assert.Equal(new(0, new(false, false, 0, null, EndpointSlicesExportMode.ServicesOnly)), Parse(json));

    [Fact]
    public void Names_match_regardless_of_case_and_repeated_objects_merge() =>
        Assert.Equal(
            new(4, new(true, true, 511, null, "new-mode")),
            Parse("""
                {"ID":3,"Capabilities":{"SYNCEDCANARIES":true,"serviceExportsEnabled":true},"id":4,
                 "capabilities":{"cached":true,"maxConnectedClusters":511,"serviceExportsEnabled":null,"endpointSlicesExportMode":"new-mode"}}
                """));

    [Theory]
    [InlineData("", "empty")]
    [InlineData("not json", "invalid")]
    [InlineData("[]", "object")]
    [InlineData("""{"id":-1}""", "\"id\" must be a whole number from 0 to 4294967295")]
    [InlineData("""{"id":"3"}""", "\"id\" must be a number, not a string")]
    [InlineData("""{"capabilities":{"cached":"yes"}}""", "\"cached\" must be true or false")]
    public void What_is_wrong_is_said_in_one_line(string json, string part)
    {
        Assert.False(CiliumClusterConfig.TryParse(Encoding.UTF8.GetBytes(json), out _, out var error));
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void A_config_beyond_any_reason_is_refused() =>
        Assert.False(CiliumClusterConfig.TryParse(new byte[CiliumClusterConfig.MaxBytes + 1], out _, out _));

    [Fact]
    public void No_bytes_make_the_parser_throw() =>
        Gen.Byte.Array[0, 40].Select(Gen.Int[0, 120], (noise, at) => (noise, at)).Sample(t =>
        {
            var valid = """{"id":3,"capabilities":{"syncedCanaries":true,"maxConnectedClusters":255,"serviceExportsEnabled":false}}"""u8;
            byte[] json = [.. valid[..Math.Min(t.at, valid.Length)], .. t.noise, .. valid[Math.Min(t.at, valid.Length)..]];
            return CiliumClusterConfig.TryParse(json, out var config, out var error) ? config is not null : !string.IsNullOrEmpty(error);
        });

    private static CiliumClusterConfig Parse(string json) =>
        CiliumClusterConfig.TryParse(Encoding.UTF8.GetBytes(json), out var config, out var error) ? config : throw new FormatException(error);
}
