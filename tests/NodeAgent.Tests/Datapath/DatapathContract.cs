using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.LoadBalancing;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Tests.Datapath;

/// <summary>What every datapath does; each of them has a test class that calls all of it.</summary>
internal static class DatapathContract
{
    public static DatapathLimits Small { get; } = new() { Services = 4, Backends = 3, ReverseNat = 4, IpCache = 3, Affinity = 8, Sockets = 64 };

    public static void Reads_back_exactly_what_was_written(IDatapath datapath)
    {
        var frontend = new ServiceFrontend(Some.Addr("10.0.0.1:8080/UDP"), 1);
        var master = new ServiceSlot(0x02000e10, 2, 513, 0x42, 0x20, 7);
        var backend = new BackendEntry(Some.Addr("20.0.0.2:9090/SCTP"), 2, 3, 4);
        Assert.Null(datapath.LoadBalancer.Write([
            LoadBalancerOperation.PutBackend(70000, backend),
            LoadBalancerOperation.PutSlot(frontend, 1, ServiceSlot.Of(70000, 513)),
            LoadBalancerOperation.PutSlot(frontend, 0, master),
            LoadBalancerOperation.PutReverseNat(513, frontend.Address)]).Error);
        var contents = datapath.LoadBalancer.Read();
        Assert.Equal(backend, Assert.Single(contents.Backends, pair => pair.Key == 70000).Value);
        Assert.Equal([(0, master), (1, ServiceSlot.Of(70000, 513))], contents.Services[frontend].Select(slot => ((int)slot.Key, slot.Value)));
        Assert.Equal(frontend.Address with { Protocol = L4Protocol.Any }, contents.ReverseNat[513]);

        // The same in IPv6, beside it: ids are of one space.
        var frontend6 = new ServiceFrontend(Some.Addr("[fd00::1]:8080"));
        var backend6 = new BackendEntry(Some.Addr("[fd00::2]:9090"), 1);
        Assert.Null(datapath.LoadBalancer.Write([
            LoadBalancerOperation.PutBackend(70001, backend6),
            LoadBalancerOperation.PutSlot(frontend6, 1, ServiceSlot.Of(70001, 514, 30)),
            LoadBalancerOperation.PutSlot(frontend6, 0, ServiceSlot.Master(1, 514, 30)),
            LoadBalancerOperation.PutReverseNat(514, frontend6.Address),
            LoadBalancerOperation.PutAffinityMatch(new(70001, 514))]).Error);
        contents = datapath.LoadBalancer.Read();
        Assert.Equal([backend, backend6], contents.Backends.OrderBy(pair => pair.Key).Select(pair => pair.Value));
        Assert.Equal(30u, contents.Services[frontend6][0].AffinitySeconds);
        Assert.Equal((4, 2, 1, 1, 1), (contents.SlotCount, contents.SlotCount6, contents.BackendCount6, contents.ReverseNatCount6, contents.MatchCount));
        Assert.Equal([70001u], contents.AffinityMatches[514]);
        Assert.Equal(frontend6.Address with { Protocol = L4Protocol.Any }, contents.ReverseNat[514]);

        KeyValuePair<IpPrefix, IpCacheEntry>[] rows =
        [
            new(Prefix("10.2.0.0/24"), new(2, Prefix("172.18.0.5"), 5, IpCacheFlags.HasTunnelEndpoint)),
            new(Prefix("fd00::15"), new(70000, Prefix("fc00::5"), 0, IpCacheFlags.HasTunnelEndpoint | IpCacheFlags.Ipv6TunnelEndpoint)),
            new(Prefix("172.18.0.5"), new(6, default, 0, IpCacheFlags.RemoteCluster)),
        ];
        Assert.Null(datapath.IpCache.Put(rows).Error);
        Assert.Equal(rows.OrderBy(row => row.Key), datapath.IpCache.Read().OrderBy(row => row.Key));
    }

    public static void Deleting_what_is_not_there_is_no_error(IDatapath datapath)
    {
        var frontend = new ServiceFrontend(Some.Addr("10.0.0.1:80"));
        datapath.LoadBalancer.Write([LoadBalancerOperation.PutBackend(2, new(Some.Addr("20.0.0.2:80")))]);
        Assert.Equal(new WriteResult(6, null), datapath.LoadBalancer.Write([
            LoadBalancerOperation.DeleteBackend(1, Some.Addr("20.0.0.1:80")),
            LoadBalancerOperation.DeleteBackend(2, Some.Addr("20.0.0.2:80")),
            LoadBalancerOperation.DeleteBackend(3, Some.Addr("[fd00::3]:80")),
            LoadBalancerOperation.DeleteSlot(frontend, 0),
            LoadBalancerOperation.DeleteReverseNat(1, frontend.Address),
            LoadBalancerOperation.DeleteAffinityMatch(new(1, 1))]));
        Assert.Empty(datapath.LoadBalancer.Read().Backends);
        Assert.Equal(new WriteResult(1, null), datapath.IpCache.Delete([Prefix("10.0.0.1")]));
    }

    public static void A_full_map_stops_at_the_first_that_does_not_fit_and_says_how_far_it_came(IDatapath datapath)
    {
        var writes = Enumerable.Range(1, 5)
            .Select(i => LoadBalancerOperation.PutBackend((uint)i, new(Some.Addr($"20.0.0.{i}:80")))).ToList();
        var result = datapath.LoadBalancer.Write(writes);
        Assert.NotNull(result.Error);
        Assert.Equal(3, result.Applied);
        Assert.Equal([1u, 2u, 3u], datapath.LoadBalancer.Read().Backends.Keys.Order());

        var rows = Enumerable.Range(1, 5).Select(i => KeyValuePair.Create(Prefix($"10.0.0.{i}"), new IpCacheEntry((uint)i, default, 0, 0))).ToList();
        var full = datapath.IpCache.Put(rows);
        Assert.NotNull(full.Error);
        Assert.Equal(3, full.Applied);
        Assert.Null(datapath.IpCache.Put([new(Prefix("10.0.0.2"), new(9, default, 0, 0))]).Error);
        Assert.Equal([1u, 3u, 9u], datapath.IpCache.Read().Values.Select(entry => entry.Identity).Order());
    }

    public static void The_reconciler_converges_on_it(IDatapath datapath)
    {
        var reconciler = new LoadBalancerReconciler(datapath.LoadBalancer);
        reconciler.Want(Some.Addr("10.0.0.1:80"), Some.Merged("10.0.0.1:80", "20.0.0.1:80", "20.0.0.2:80"));
        Assert.Null(reconciler.Flush());
        reconciler.Want(Some.Addr("10.0.0.1:80"), Some.Merged("10.0.0.1:80", "20.0.0.2:80"));
        Assert.Null(reconciler.Flush());
        var contents = datapath.LoadBalancer.Read();
        Assert.Equal(["20.0.0.2:80/TCP"], contents.Backends.Values.Select(backend => $"{backend.Address}"));
        Assert.Equal(2, contents.SlotCount);
        Assert.Null(reconciler.Reread());
    }

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out var prefix) ? prefix : throw new FormatException(text);
}
