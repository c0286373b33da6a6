using CsCheck;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Tests.Services;

/// <summary>The scenarios of Cilium's pkg/clustermesh/testdata, and the merge against a naive one.</summary>
public sealed class ServiceTableTests
{
    private const string Vip = "10.0.0.1:8080";
    private readonly ServiceTable _table = new(Some.Cluster("cluster1"));

    [Fact]
    public void Backends_of_all_clusters_that_share_are_merged()
    {
        Put(Some.Service("cluster1", ["10.0.0.1 tcp=8080"], ["10.1.0.1 tcp=8080"]));
        Assert.Equal(["10.1.0.1:8080/TCP"], Backends(Vip));
        Put(Some.Service("cluster2", [], ["20.0.0.2 tcp=9090"]));
        Put(Some.Service("cluster3", [], ["30.0.0.3 tcp=9090"]));
        Assert.Equal(["10.1.0.1:8080/TCP", "20.0.0.2:9090/TCP", "30.0.0.3:9090/TCP"], Backends(Vip));

        Put(Some.Service("cluster2", [], ["20.0.0.2 tcp=9090", "20.0.0.3 tcp=9090"]));
        Assert.Equal(4, Backends(Vip).Count);
        Put(Some.Service("cluster1", ["10.0.0.1 tcp=8080"], ["10.1.0.1 tcp=8080"], includeExternal: false));
        Assert.Equal(["10.1.0.1:8080/TCP"], Backends(Vip));
        Put(Some.Service("cluster1", ["10.0.0.1 tcp=8080"], ["10.1.0.1 tcp=8080"]));
        Assert.Equal(4, Backends(Vip).Count);

        _table.Remove(Some.Cluster("cluster2"), "test/echo");
        Assert.Equal(["10.1.0.1:8080/TCP", "30.0.0.3:9090/TCP"], Backends(Vip));
        Put(Some.Service("cluster3", [], ["30.0.0.3 tcp=9090"], shared: false));
        Assert.Equal(["10.1.0.1:8080/TCP"], Backends(Vip));
        Put(Some.Service("cluster3", [], ["30.0.0.3 tcp=9090"]));
        Assert.Equal(["10.1.0.1:8080/TCP", "30.0.0.3:9090/TCP"], Backends(Vip));
        _table.Remove(Some.Cluster("cluster3"), "test/echo");
        Assert.Equal(["10.1.0.1:8080/TCP"], Backends(Vip));
    }

    [Fact]
    public void A_port_name_chooses_and_the_number_does_not()
    {
        Put(Some.Service("cluster1", ["10.0.0.1 http-direct=80 http-remapped=8080 http-alt=9090 https=443"], []));
        Put(Some.Service("cluster2", [], [
            "20.0.0.2 http-alt=80 http-direct=80 http-remapped=80 https=443",
            "20.0.0.3 http-alt=80 http-direct=80 http-remapped=80 https=443"]));
        foreach (var port in (int[])[80, 8080, 9090])
        {
            Assert.Equal(["20.0.0.2:80/TCP", "20.0.0.3:80/TCP"], Backends($"10.0.0.1:{port}"));
        }

        Assert.Equal(["20.0.0.2:443/TCP", "20.0.0.3:443/TCP"], Backends("10.0.0.1:443"));
        _table.Remove(Some.Cluster("cluster2"), "test/echo");
        Assert.Empty(Backends("10.0.0.1:443"));
        Assert.Equal(4, _table.Frontends.Count);
    }

    [Fact]
    public void A_backend_without_port_name_serves_every_frontend_of_its_protocol()
    {
        Put(Some.Service("cluster1", ["10.0.0.1 dns=53/UDP dns-tcp=53"], []));
        Put(Some.Service("cluster2", [], ["20.0.0.2 =5353/UDP"]));
        Assert.Equal(["20.0.0.2:5353/UDP"], Backends("10.0.0.1:53/UDP"));
        Assert.Empty(Backends("10.0.0.1:53"));
    }

    [Fact]
    public void The_order_of_arrival_does_not_matter_and_without_local_record_there_is_no_frontend()
    {
        Put(Some.Service("cluster2", ["10.99.0.1 tcp=8080"], ["20.0.0.2 tcp=9090"]));
        Assert.Empty(_table.Frontends);
        Put(Some.Service("cluster1", ["10.0.0.1 tcp=8080"], []));
        Assert.Equal(["20.0.0.2:9090/TCP"], Backends(Vip));
        _table.Remove(Some.Cluster("cluster1"), "test/echo");
        Assert.Empty(_table.Frontends);
    }

    [Fact]
    public void An_address_that_two_clusters_export_stays_until_both_withdraw()
    {
        Put(Some.Service("cluster1", ["10.0.0.1 tcp=8080"], []));
        Put(Some.Service("cluster2", [], ["20.0.0.2 tcp=9090"]));
        Put(Some.Service("cluster3", [], ["20.0.0.2 tcp=9090"]));
        _table.Remove(Some.Cluster("cluster3"), "test/echo");
        Assert.Equal(["20.0.0.2:9090/TCP"], Backends(Vip));
        _table.Remove(Some.Cluster("cluster2"), "test/echo");
        Assert.Empty(Backends(Vip));
    }

    [Fact]
    public void Of_two_services_with_one_frontend_the_lower_name_has_it_and_the_other_inherits()
    {
        Put(Some.Service("cluster1", ["10.0.0.1 tcp=8080"], ["10.1.0.2 tcp=1"], name: "second"));
        Put(Some.Service("cluster1", ["10.0.0.1 tcp=8080"], ["10.1.0.1 tcp=1"], name: "first"));
        Assert.Equal(["test/first", "test/second"], Assert.Single(_table.Contested).Services);
        Assert.Equal("test/first", _table.Find(Some.Addr(Vip))!.Service);
        _table.Remove(Some.Cluster("cluster1"), "test/first");
        Assert.Empty(_table.Contested);
        Assert.Equal(["10.1.0.2:1/TCP"], Backends(Vip));
    }

    [Fact]
    public void A_frontend_takes_backends_of_its_own_family()
    {
        Put(Some.Service("cluster1", ["10.0.0.1 tcp=8080", "fd00::1 tcp=8080"], ["10.1.0.1 tcp=1", "fd00::2 tcp=1"]));
        Put(Some.Service("cluster2", [], ["fd00::3 tcp=1"]));
        Assert.Equal(["[fd00::2]:1/TCP", "[fd00::3]:1/TCP"], Backends("[fd00::1]:8080"));
        Assert.Equal(["10.1.0.1:1/TCP"], Backends(Vip));
    }

    [Fact]
    public void The_table_equals_a_naive_merge_and_reports_every_change()
    {
        var record = Gen.Select(
            Gen.OneOf("cluster1", "cluster2", "cluster3"), Gen.OneOf("a", "b"), Gen.Bool, Gen.Bool,
            Gen.OneOf("tcp=80", "tcp=80 web=81", "=80/UDP").List[0, 1], Gen.Int[1, 3].HashSet[0, 3], Gen.OneOf("tcp=9090", "=9090", "web=7 tcp=9", "x=5/UDP"),
            (cluster, name, external, shared, ports, backends, backendPort) => Some.Service(
                cluster, [.. ports.Select(port => $"10.0.0.1 {port}")], [.. backends.Select(backend => $"20.0.0.{backend} {backendPort}")], external, shared, name));
        var step = Gen.Select(record, Gen.Int[0, 3]);
        step.List[1, 30].Sample(steps =>
        {
            var table = new ServiceTable(Some.Cluster("cluster1"));
            Dictionary<(string, string), ClusterService> model = [];
            Dictionary<L3n4Addr, string> follower = [];
            foreach (var (service, dice) in steps)
            {
                if (dice == 0)
                {
                    table.Remove(Some.Cluster(service.Cluster), $"test/{service.Name}");
                    model.Remove((service.Name, service.Cluster));
                }
                else
                {
                    table.Upsert(Some.Cluster(service.Cluster), service);
                    model[(service.Name, service.Cluster)] = service;
                }

                foreach (var frontend in table.TakeChanged())
                {
                    follower.Remove(frontend);
                    if (table.Find(frontend) is { } merged)
                    {
                        follower[frontend] = string.Join(' ', merged.Backends);
                    }
                }

                var expected = Naive(model.Values).OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}");
                Assert.Equal(expected, follower.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}"));
            }
        }, iter: 300);
    }

    /// <summary>Written for reading, not for speed: for each frontend look at each backend of each record.</summary>
    private static Dictionary<L3n4Addr, string> Naive(IEnumerable<ClusterService> records)
    {
        Dictionary<L3n4Addr, string> frontends = [];
        foreach (var own in records.Where(record => record.Cluster == "cluster1").OrderByDescending(record => record.Name, StringComparer.Ordinal))
        {
            var sources = records.Where(record => record.Name == own.Name && (record == own || (own.IncludeExternal && record.Shared))).ToList();
            foreach (var group in Ports(own.Frontends).GroupBy(port => port.Address))
            {
                var backends =
                    from source in sources
                    from backend in Ports(source.Backends).GroupBy(port => port.Address)
                    let names = backend.Select(port => port.Name).Where(name => name.Length > 0).ToList()
                    from frontend in @group
                    where backend.Key.Protocol == frontend.Address.Protocol
                    where source == own || Ports(own.Backends).All(port => port.Address != backend.Key)
                    where frontend.Name.Length == 0 || names.Count == 0 || names.Contains(frontend.Name)
                    select backend.Key;
                frontends[group.Key] = string.Join(' ', backends.Distinct().Order());
            }
        }

        return frontends;
    }

    private static IEnumerable<(L3n4Addr Address, string Name)> Ports(
        IReadOnlyDictionary<System.Net.IPAddress, IReadOnlyDictionary<string, L4Port>> addresses) =>
        from address in addresses
        from port in address.Value
        select (L3n4Addr.From(address.Key, port.Value.Port, L3n4Addr.ParseProtocol(port.Value.Protocol)!.Value), port.Key);

    private void Put(ClusterService service) => _table.Upsert(Some.Cluster(service.Cluster), service);

    private List<string> Backends(string frontend) => [.. _table.Find(Some.Addr(frontend))!.Backends.Select(backend => $"{backend}")];
}
