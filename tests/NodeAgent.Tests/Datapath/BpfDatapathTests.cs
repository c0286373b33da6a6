using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.IpCache;
using KvStoreMesh.NodeAgent.Commands;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.LoadBalancing;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.NodeAgent.Tests.Datapath;

/// <summary>The contract on the real kernel, and what outlives the process.</summary>
public sealed class BpfDatapathTests
{
    [BpfFact]
    public void Reads_back_exactly_what_was_written() => With(DatapathContract.Reads_back_exactly_what_was_written);

    [BpfFact]
    public void Deleting_what_is_not_there_is_no_error() => With(DatapathContract.Deleting_what_is_not_there_is_no_error);

    [BpfFact]
    public void A_full_map_stops_at_the_first_that_does_not_fit_and_says_how_far_it_came() =>
        With(DatapathContract.A_full_map_stops_at_the_first_that_does_not_fit_and_says_how_far_it_came);

    [BpfFact]
    public void The_reconciler_converges_on_it() => With(DatapathContract.The_reconciler_converges_on_it);

    [BpfFact]
    public void Services_and_their_ids_outlive_the_process_and_cleanup_removes_everything()
    {
        using var bpffs = new BpffsDir();
        using var cgroup = new CgroupDir();
        var options = new BpfDatapathOptions { BpfFsRoot = bpffs.Path, MapPrefix = "t_", CgroupPath = cgroup.Path, Limits = DatapathContract.Small };
        var vip = Some.Addr("127.96.0.10:80");
        ushort id;
        using (var datapath = BpfDatapath.Open(options))
        {
            Assert.Contains("created", datapath.Description, StringComparison.Ordinal);
            var reconciler = new LoadBalancerReconciler(datapath.LoadBalancer);
            reconciler.Want(Some.Addr("127.96.0.9:80"), Some.Merged("127.96.0.9:80"));
            reconciler.Want(vip, Some.Merged("127.96.0.10:80", "127.1.0.2:80"));
            Assert.Null(reconciler.Flush());
            id = reconciler.ServiceIdOf(vip);
        }

        Assert.Equal(
            ["127.96.0.10:80/TCP (0)", "127.96.0.10:80/TCP (1)"],
            BpfTables.LoadBalancer(PinnedMaps.ReadLoadBalancer(options with { Limits = new() }))
                .Select(row => row.Key).Where(key => key.StartsWith("127.96.0.10", StringComparison.Ordinal)));
        using (var datapath = BpfDatapath.Open(options))
        {
            Assert.Contains("adopted", datapath.Description, StringComparison.Ordinal);
            var reconciler = new LoadBalancerReconciler(datapath.LoadBalancer);
            Assert.Equal(id, reconciler.ServiceIdOf(vip));
        }

        using (var datapath = BpfDatapath.Open(options with { Limits = DatapathContract.Small with { Services = 32, Backends = 32, ReverseNat = 32 } }))
        {
            // Upgraded with other sizes: the entries and their ids have moved along.
            var reconciler = new LoadBalancerReconciler(datapath.LoadBalancer);
            Assert.Equal(id, reconciler.ServiceIdOf(vip));
            Assert.Single(reconciler.Known.Backends);
        }

        var tooSmall = Assert.Throws<IOException>(() => BpfDatapath.Open(options with { Limits = DatapathContract.Small with { Services = 1 } }));
        Assert.Contains("holds 3 entries, more than the wanted 1", tooSmall.Message, StringComparison.Ordinal);
        Assert.NotEmpty(BpfDatapath.Cleanup(options));
        Assert.Empty(Directory.EnumerateFiles(bpffs.Path, "*", SearchOption.AllDirectories));
        Assert.Throws<IOException>(() => PinnedMaps.ReadLoadBalancer(options));
    }

    [BpfFact]
    public void While_an_agent_keeps_the_maps_neither_a_second_one_nor_cleanup_touches_them()
    {
        using var bpffs = new BpffsDir();
        var options = new BpfDatapathOptions { BpfFsRoot = bpffs.Path, MapPrefix = "t_", Limits = DatapathContract.Small };
        using (BpfDatapath.Open(options))
        {
            Assert.Contains("already keeps", Assert.Throws<IOException>(() => BpfDatapath.Open(options)).Message, StringComparison.Ordinal);
            Assert.Contains("stop it first", Assert.Throws<IOException>(() => BpfDatapath.Cleanup(options)).Message, StringComparison.Ordinal);
            using var other = BpfDatapath.Open(options with { MapPrefix = "other_" });
        }

        BpfDatapath.Open(options).Dispose();
    }

    [BpfFact]
    public void A_cgroup_that_is_removed_is_told_and_one_that_comes_back_is_steered_again()
    {
        using var bpffs = new BpffsDir();
        using var cgroup = new CgroupDir();
        var options = new BpfDatapathOptions { BpfFsRoot = bpffs.Path, MapPrefix = "t_", CgroupPath = cgroup.Path, Limits = DatapathContract.Small };
        using var datapath = BpfDatapath.Open(options);
        Assert.Null(datapath.Maintain());
        Directory.Delete(cgroup.Path);
        Assert.Contains(cgroup.Path, datapath.Maintain(), StringComparison.Ordinal);
        Directory.CreateDirectory(cgroup.Path);
        Assert.False(KvStoreMesh.Bpf.SocketLb.SocketLoadBalancer.IsAttached(options.SocketLb(cgroup.Path)));
        Assert.Null(datapath.Maintain());
        Assert.True(KvStoreMesh.Bpf.SocketLb.SocketLoadBalancer.IsAttached(options.SocketLb(cgroup.Path)));
    }

    [BpfFact]
    public void Cleanup_with_a_prefix_that_nobody_used_says_so_and_names_those_in_use()
    {
        using var bpffs = new BpffsDir();
        var options = new BpfDatapathOptions { BpfFsRoot = bpffs.Path, MapPrefix = "t_", Limits = DatapathContract.Small };
        BpfDatapath.Open(options).Dispose();
        var mistyped = Assert.Throws<IOException>(() => BpfDatapath.Cleanup(options with { MapPrefix = "T_" }));
        Assert.Contains("with the prefix 'T_'; there is something with 't_'", mistyped.Message, StringComparison.Ordinal);
        BpfDatapath.Cleanup(options);
        Assert.Contains("nor with any other", Assert.Throws<IOException>(() => BpfDatapath.Cleanup(options)).Message, StringComparison.Ordinal);
    }

    [BpfFact]
    public void Rows_of_the_ipcache_that_are_no_prefix_go_at_the_start()
    {
        using var bpffs = new BpffsDir();
        var options = new BpfDatapathOptions { BpfFsRoot = bpffs.Path, MapPrefix = "t_", Limits = DatapathContract.Small with { IpCache = 8 } };
        BpfDatapath.Open(options).Dispose();
        var spec = options.Maps().IpCache;
        using var map = BpfMap.OpenPinned(spec, Path.Combine(CiliumMaps.PinDirectory(bpffs.Path), spec.Name))!;
        map.Update(RawKey(bits: 96, family: 1), default);
        map.Update(RawKey(bits: 16, family: 1), default);
        map.Update(RawKey(bits: 64, family: 9), default);
        map.Update(new IpCacheKey(System.Net.IPAddress.Loopback), default);
        Assert.Single(PinnedMaps.ReadIpCache(options));
        using var datapath = BpfDatapath.Open(options);
        Assert.Single(datapath.IpCache.Read());
        Assert.Single(map.Entries());
    }

    private static IpCacheKey RawKey(byte bits, byte family)
    {
        byte[] raw = new byte[24];
        (raw[0], raw[7], raw[8]) = (bits, family, 10);
        return System.Runtime.InteropServices.MemoryMarshal.Read<IpCacheKey>(raw);
    }

    private static void With(Action<IDatapath> check)
    {
        using var bpffs = new BpffsDir();
        using var datapath = BpfDatapath.Open(new BpfDatapathOptions { BpfFsRoot = bpffs.Path, MapPrefix = "t_", Limits = DatapathContract.Small });
        check(datapath);
    }
}
