using System.Net;
using System.Text;
using CsCheck;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;
using Ports = System.Collections.Generic.IReadOnlyDictionary<string, KvStoreMesh.Core.Resources.L4Port>;

namespace KvStoreMesh.Core.Tests.Resources;

public sealed class ClusterServiceTests
{
    private static readonly ClusterName Foo = ClusterName.Parse("foo");

    [Fact]
    public void Every_way_to_write_a_service_reads_the_same() => Services().Sample(
        x => Assert.Equal(Describe(x.Service), Describe(Parse(x.Json))), iter: 3_000);

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"frontends\":null,\"backends\":null,\"cluster\":null,\"shared\":null,\"clusterID\":null}")]
    [InlineData("{\"backends\":{\"10.0.0.1\":{}},\"Backends\":null}")]
    public void What_is_absent_or_null_is_empty(string json)
    {
        var service = Parse(json);
        Assert.Empty(service.Backends);
        Assert.Empty(service.Frontends);
        Assert.Equal("cluster is unset", service.Validate(Foo, 0, "bar/qux"));
    }

    [Theory]
    [InlineData("{\"frontends\":{\"10.1.2.3\":{},\"010.1.2.3\":{}}}", "\"frontends\": '010.1.2.3' is not an IP address")]
    [InlineData("{\"backends\":{\"10.1.2.3/32\":{}}}", "\"backends\": '10.1.2.3/32' is not an IP address")]
    [InlineData("{\"backends\":{\"10.1.2.3\":{\"http\":null}}}", "port 'http' of 10.1.2.3 is null")]
    [InlineData("{\"backends\":{\"10.1.2.3\":{\"http\":{\"Port\":65536}}}}", "\"Port\" must be a whole number from 0 to 65535")]
    [InlineData("{\"backends\":{\"10.1.2.3\":{\"http\":{\"Port\":80.0}}}}", "\"Port\" must be a whole number")]
    [InlineData("{\"backends\":{\"10.1.2.3\":{\"http\":{\"Protocol\":6}}}}", "\"Protocol\" must be a string")]
    [InlineData("{\"backends\":[]}", "\"backends\" must be an object")]
    [InlineData("{\"shared\":\"true\"}", "\"shared\" must be true or false")]
    [InlineData("{\"clusterID\":-1}", "\"clusterID\" must be a whole number")]
    [InlineData("{\"clusterID\":4294967296}", "\"clusterID\" must be a whole number")]
    [InlineData("[]", "the value must be an object")]
    public void An_error_says_where_and_what(string json, string what)
    {
        Assert.False(ClusterService.TryParse(Encoding.UTF8.GetBytes(json), out _, out var error));
        Assert.StartsWith("at byte ", error, StringComparison.Ordinal);
        Assert.Contains(what, error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unnamed_port_and_an_unknown_protocol_are_kept()
    {
        var service = Parse("{\"backends\":{\"10.0.0.1\":{\"\":{\"Protocol\":\"TCP\",\"Port\":80},\"x\":{\"Protocol\":\"QUIC\"}}}}");
        Assert.Equal(
            "10.0.0.1 '' TCP/80, 10.0.0.1 'x' QUIC/0", string.Join(", ", Describe(service.Backends)));
    }

    [Fact]
    public void Maps_of_the_same_name_and_spellings_of_the_same_address_are_merged()
    {
        var service = Parse(
            """
            {"backends":{"fd00::1":{"a":{"Protocol":"TCP","Port":1}}},
             "backends":{"FD00:0::0001":{"b":{"Protocol":"TCP","Port":2}},"::ffff:10.0.0.1":{"c":{"Protocol":"UDP","Port":3}}}}
            """);
        Assert.Equal(
            ["10.0.0.1 'c' UDP/3", "fd00::1 'a' TCP/1", "fd00::1 'b' TCP/2"], Describe(service.Backends).Order(StringComparer.Ordinal));
    }

    private static ClusterService Parse(string json)
    {
        Assert.True(ClusterService.TryParse(Encoding.UTF8.GetBytes(json), out var service, out var error), $"{error}: {json}");
        return service;
    }

    private static Gen<(ClusterService Service, string Json)> Services() =>
        from cluster in JsonMess.Name
        from serviceNamespace in JsonMess.Name
        from name in JsonMess.Name
        from frontends in Addresses()
        from backends in Addresses()
        from includeExternal in Gen.Bool
        from shared in Gen.Bool
        from clusterId in Gen.UInt
        let service = new ClusterService
        {
            Cluster = cluster,
            Namespace = serviceNamespace,
            Name = name,
            Frontends = frontends,
            Backends = backends,
            IncludeExternal = includeExternal,
            Shared = shared,
            ClusterId = clusterId,
        }
        from json in JsonMess.Struct(
            ("cluster", JsonMess.Text(cluster)),
            ("namespace", JsonMess.Text(serviceNamespace)),
            ("name", JsonMess.Text(name)),
            ("frontends", Write(frontends)),
            ("backends", Write(backends)),
            ("includeExternal", Gen.Const(includeExternal ? "true" : "false")),
            ("shared", Gen.Const(shared ? "true" : "false")),
            ("clusterID", Gen.Const($"{clusterId}")))
        select (service, json);

    private static Gen<IReadOnlyDictionary<IPAddress, Ports>> Addresses() =>
        Gen.Select(Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16]), PortMaps()).Array[0, 4].Select(entries =>
            (IReadOnlyDictionary<IPAddress, Ports>)entries.DistinctBy(entry => new IPAddress(entry.Item1))
                .ToDictionary(entry => new IPAddress(entry.Item1), entry => entry.Item2));

    private static Gen<Ports> PortMaps() =>
        from ports in Gen.Select(
            Gen.OneOf(Gen.Const(string.Empty), JsonMess.Name), Gen.OneOf(Gen.Const("TCP"), Gen.Const("ANY")), Gen.UShort).Array[0, 3]
        select (Ports)ports.DistinctBy(port => port.Item1).ToDictionary(port => port.Item1, port => new L4Port(port.Item2, port.Item3));

    private static Gen<string> Write(IReadOnlyDictionary<IPAddress, Ports> addresses) => JsonMess.Map(addresses.Select(address =>
        (GoIpAddress.Format(address.Key), JsonMess.Map(address.Value.Select(port => (port.Key, JsonMess.Struct(
            ("Protocol", JsonMess.Text(port.Value.Protocol)), ("Port", Gen.Const($"{port.Value.Port}")))))))));

    private static string Describe(ClusterService service) => string.Join('\n', [
        service.Cluster, service.Namespace, service.Name, $"{service.IncludeExternal} {service.Shared} {service.ClusterId}",
        .. Describe(service.Frontends).Order(StringComparer.Ordinal), "--",
        .. Describe(service.Backends).Order(StringComparer.Ordinal)]);

    private static IEnumerable<string> Describe(IReadOnlyDictionary<IPAddress, Ports> addresses) =>
        from address in addresses
        from port in address.Value.Select(port => $"'{port.Key}' {port.Value.Protocol}/{port.Value.Port}").DefaultIfEmpty("no ports")
        select $"{GoIpAddress.Format(address.Key)} {port}";
}
