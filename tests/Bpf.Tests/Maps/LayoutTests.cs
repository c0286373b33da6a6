using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CsCheck;
using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.IpCache;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.Bpf.Maps.Policy;

namespace KvStoreMesh.Bpf.Tests.Maps;

/// <summary>Byte for byte what Cilium's own agent writes.</summary>
public sealed class LayoutTests
{
    private static readonly IPAddress Vip = IPAddress.Parse("10.0.0.1");
    private static readonly IPAddress Node = IPAddress.Parse("172.18.0.5");

    [Fact]
    public void Sizes_are_those_of_the_C_structs()
    {
        Assert.Equal(12, Unsafe.SizeOf<Lb4Key>());
        Assert.Equal(12, Unsafe.SizeOf<Lb4Service>());
        Assert.Equal(12, Unsafe.SizeOf<Lb4Backend>());
        Assert.Equal(2, Unsafe.SizeOf<ReverseNatKey>());
        Assert.Equal(6, Unsafe.SizeOf<Lb4ReverseNat>());
        Assert.Equal(16, Unsafe.SizeOf<Lb4ReverseSkKey>());
        Assert.Equal(8, Unsafe.SizeOf<Lb4ReverseSk>());
        Assert.Equal(24, Unsafe.SizeOf<IpCacheKey>());
        Assert.Equal(24, Unsafe.SizeOf<RemoteEndpointInfo>());
        Assert.Equal(12, Unsafe.SizeOf<PolicyKey>());
        Assert.Equal(12, Unsafe.SizeOf<PolicyEntry>());
        Assert.Equal(8, Unsafe.SizeOf<MetricsKey>());
        Assert.Equal(16, Unsafe.SizeOf<MetricsValue>());
        Assert.Equal(40, Unsafe.SizeOf<ConntrackKey>());
        Assert.Equal(16, Unsafe.SizeOf<ConntrackEntry>());
        Assert.Equal(64, Unsafe.SizeOf<DropEvent>());
    }

    [Fact]
    public void Policy_entries()
    {
        IsPolicy("280000000000000000000000", "0000000001ffffff00000000", new(0, PolicyDirection.Ingress), false, PolicyEntry.AllowPrecedence);
        IsPolicy("40000000d204020000061f90", "0000c00001ffffff00000000", new(132306, PolicyDirection.Ingress, 6, 8080, 16), false, PolicyEntry.AllowPrecedence);
        IsPolicy("280000000100000000000000", "0000000001f5ffff00000000", new(1, PolicyDirection.Ingress), false, PolicyEntry.DefaultAllowPrecedence);
        IsPolicy("280000000200000001000000", "00000100ffffffff00000000", new(2, PolicyDirection.Egress), true, PolicyEntry.DenyPrecedence);
        Is("3d00000000000000000" + "61f90", new PolicyKey(0, PolicyDirection.Ingress, 6, 8087, 13));
    }

    [Fact]
    public void Packed_reverse_nat_values_lie_side_by_side_in_a_batch()
    {
        Lb4ReverseNat[] two = [new(Vip, 8080), new(Node, 53)];

        Assert.Equal("0a0000011f90" + "ac1200050035", Hex(MemoryMarshal.AsBytes<Lb4ReverseNat>(two)));
    }

    [Fact]
    public void A_cluster_ip_with_a_local_and_a_remote_backend()
    {
        Is("0a0000011f90000006000000", new Lb4Key(Vip, 8080, LbProtocol.Tcp));
        Is("000000000200000500000000", Lb4Service.Master(count: 2, revNatIndex: 5));
        Is("0a0000011f90010006000000", new Lb4Key(Vip, 8080, LbProtocol.Tcp, slot: 1));
        Is("0b0000000000000500000000", Lb4Service.ForBackend(11, revNatIndex: 5));
        Is("0a0000011f90020006000000", new Lb4Key(Vip, 8080, LbProtocol.Tcp) with { Slot = 2 });
        Is("0c0000000000000500000000", Lb4Service.ForBackend(12, revNatIndex: 5));
        Is("0a0100011f90060000000000", new Lb4Backend(IPAddress.Parse("10.1.0.1"), 8080, LbProtocol.Tcp));
        Is("140000022382060000000000", new Lb4Backend(IPAddress.Parse("20.0.0.2"), 9090, LbProtocol.Tcp));
        Is("0005", new ReverseNatKey(5));
        Is("0a0000011f90", new Lb4ReverseNat(Vip, 8080));
        Is("2a00000000000000" + "1400000223820000", new Lb4ReverseSkKey(0x2a, IPAddress.Parse("20.0.0.2"), 9090));
        Is("0a0000011f900005", new Lb4ReverseSk(Vip, 8080, 5));
    }

    [Fact]
    public void The_same_in_IPv6_and_session_affinity()
    {
        string vip = "fd00000000000000000000000000000a";
        IPAddress vip6 = IPAddress.Parse("fd00::a");
        Is(vip + "1f90" + "0200" + "06" + "01" + "0000", new Lb6Key(vip6, 8080, LbProtocol.Tcp, 2, LbScope.Internal));
        Is(vip + "1f90" + "11" + "02" + "0201" + "0700", new Lb6Backend(vip6, 8080, LbProtocol.Udp, LbBackendState.Quarantined, 0x0102, 7));
        Is(vip + "1f90", new Lb6ReverseNat(vip6, 8080));
        Is("2a00000000000000" + vip + "1f90" + "000000000000", new Lb6ReverseSkKey(0x2a, vip6, 8080));
        Is(vip + "1f90" + "0005", new Lb6ReverseSk(vip6, 8080, 5));
        Is("0b00000000050000", new LbAffinityMatch(11, 5));
        Is("2a00000000000000" + "0005" + "01" + "0000000000", new Lb4AffinityKey(0x2a, 5));
        Is("2a00000000000000" + "0000000000000000" + "0005" + "01" + "0000000000", new Lb6AffinityKey(0x2a, 5));
        Is("e803000000000000" + "0b000000" + "00000000", new LbAffinity(1000, 11));
        Assert.Throws<ArgumentException>(() => new Lb6Key(Vip, 80, LbProtocol.Tcp));
        Assert.Throws<ArgumentException>(() => new Lb6Backend(IPAddress.Parse("::ffff:10.0.0.1"), 80, LbProtocol.Tcp));
    }

    [Fact]
    public void Masters_with_affinity_and_maglev()
    {
        Is("2a0000000300000310000000", Lb4Service.Master(3, 3, LbServiceFlags.Affinity, affinityAndAlgorithm: 42));
        Is("302a00020300000310000000", Lb4Service.Master(3, 3, LbServiceFlags.Affinity, affinityAndAlgorithm: (2u << 24) | 10800));
    }

    [Fact]
    public void Fields_that_the_worked_examples_leave_zero_stand_where_Cilium_has_them()
    {
        Is("0a0000011f90000011010000", new Lb4Key(Vip, 8080, LbProtocol.Udp, scope: LbScope.Internal));
        Is("00000000" + "0100" + "0102" + "60" + "20" + "0300",
            Lb4Service.Master(1, 0x0102, LbServiceFlags.LoadBalancer | LbServiceFlags.Routable, LbServiceFlags2.TwoScopes, quarantinedCount: 3));
        Is("0a0000011f90" + "11" + "02" + "0201" + "0700", new Lb4Backend(Vip, 8080, LbProtocol.Udp, LbBackendState.Quarantined, 0x0102, 7));
        Is("40000000" + "0201" + "00" + "01" + "0a000001" + new string('0', 24), new IpCacheKey(Vip, 32, clusterId: 0x0102));
    }

    [Fact]
    public void Ipcache_of_another_cluster()
    {
        string zeros12 = new('0', 24);
        const RemoteEndpointFlags Remote = RemoteEndpointFlags.RemoteCluster;

        Is("40000000000000010a02000f" + zeros12, new IpCacheKey(IPAddress.Parse("10.2.0.15")));
        Is("d2040200ac120005" + zeros12 + "00000002", new RemoteEndpointInfo(132306, Node));
        Is("4000000000000001ac120005" + zeros12, new IpCacheKey(Node, 32));
        Is("06000000" + "00000000" + zeros12 + "00000008", new RemoteEndpointInfo(6, flags: Remote));
        Is("06000000ac120005" + zeros12 + "0000000a", new RemoteEndpointInfo(6, Node, flags: Remote));
        Is("38000000000000010a020000" + zeros12, new IpCacheKey(IPAddress.Parse("10.2.0.77"), 24));
        Is("a000000000000002fd000002" + new string('0', 22) + "0f", new IpCacheKey(IPAddress.Parse("fd00:2::f")));
        Is("01000000" + "fd000002" + new string('0', 22) + "0f" + "0000" + "03" + "06",
            new RemoteEndpointInfo(1, IPAddress.Parse("fd00:2::f"), encryptionKey: 3));
    }

    [Fact]
    public void What_is_put_in_comes_out()
    {
        Gen.Select(Gen.Byte.Array[4], Gen.UShort, Gen.UShort, Gen.UShort).Sample((bytes, port, a, b) =>
        {
            var address = new IPAddress(bytes);
            var key = new Lb4Key(address, port, LbProtocol.Udp, a, LbScope.Internal);
            var service = Lb4Service.Master(a, b, LbServiceFlags.NodePort, LbServiceFlags2.Loopback, port);
            var backend = new Lb4Backend(address, port, LbProtocol.Tcp, LbBackendState.Terminating, a, (byte)b);
            var entry = new Lb4ReverseSk(address, port, a);
            return (key.Address, key.Port, key.Protocol, key.Slot, key.Scope).Equals((address, port, LbProtocol.Udp, a, LbScope.Internal))
                && (service.Count, service.RevNatIndex, service.Flags, service.Flags2, service.QuarantinedCount)
                    .Equals((a, b, LbServiceFlags.NodePort, LbServiceFlags2.Loopback, port))
                && (backend.Address, backend.Port, backend.Protocol, backend.State, backend.ClusterId, backend.Zone)
                    .Equals((address, port, LbProtocol.Tcp, LbBackendState.Terminating, a, (byte)b))
                && (entry.Address, entry.Port, entry.RevNatIndex).Equals((address, port, a))
                && new ReverseNatKey(a).Index == a;
        });
    }

    [Fact]
    public void An_ipcache_key_has_no_bits_beyond_its_prefix_and_finds_back_its_network()
    {
        Gen<byte[]> addresses = Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16]);
        Gen.Select(addresses, Gen.Int[0, 128]).Sample((bytes, length) =>
        {
            length = Math.Min(length, bytes.Length * 8);
            var key = new IpCacheKey(new IPAddress(bytes), length);
            byte[] expected = [.. bytes.Select((b, i) => (byte)(b & ~(0xff >> Math.Clamp(length - (i * 8), 0, 8))))];
            return key.Address.Equals(new IPAddress(expected)) && key.PrefixLength == length
                && key == new IpCacheKey(new IPAddress(expected), length);
        });
    }

    [Fact]
    public void Addresses_of_the_wrong_family_and_prefixes_too_long_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Lb4Key(IPAddress.IPv6Loopback, 80, LbProtocol.Tcp));
        Assert.Throws<ArgumentException>(() => new Lb4Backend(IPAddress.IPv6Loopback, 80, LbProtocol.Tcp));
        Assert.Throws<ArgumentOutOfRangeException>(() => new IpCacheKey(Vip, 33));
        Assert.Throws<ArgumentOutOfRangeException>(() => new IpCacheKey(IPAddress.IPv6Loopback, 129));
    }

    [Fact]
    public void Specs_have_Ciliums_names_types_sizes_and_flags()
    {
        var maps = new CiliumMaps(new());

        Assert.Equal(("cilium_lb4_services_v2", BpfMapType.Hash, 12, 12, 65536u, 0x81), Shape(maps.Services4));
        Assert.Equal(("cilium_lb4_backends_v3", BpfMapType.Hash, 4, 12, 65536u, 0x1), Shape(maps.Backends4));
        Assert.Equal(("cilium_lb4_reverse_nat", BpfMapType.Hash, 2, 6, 65536u, 0x1), Shape(maps.ReverseNat4));
        Assert.Equal(("cilium_lb4_reverse_sk", BpfMapType.LruHash, 16, 8, 262144u, 0), Shape(maps.ReverseSk4));
        Assert.Equal(("cilium_lb6_services_v2", BpfMapType.Hash, 24, 12, 65536u, 0x81), Shape(maps.Services6));
        Assert.Equal(("cilium_lb6_backends_v3", BpfMapType.Hash, 4, 24, 65536u, 0x1), Shape(maps.Backends6));
        Assert.Equal(("cilium_lb6_reverse_nat", BpfMapType.Hash, 2, 18, 65536u, 0x1), Shape(maps.ReverseNat6));
        Assert.Equal(("cilium_lb6_reverse_sk", BpfMapType.LruHash, 32, 20, 262144u, 0), Shape(maps.ReverseSk6));
        Assert.Equal(("cilium_lb4_affinity", BpfMapType.LruHash, 16, 16, 65536u, 0), Shape(maps.Affinity4));
        Assert.Equal(("cilium_lb6_affinity", BpfMapType.LruHash, 24, 16, 65536u, 0), Shape(maps.Affinity6));
        Assert.Equal(("cilium_lb_affinity_match", BpfMapType.Hash, 8, 1, 65536u, 0x81), Shape(maps.AffinityMatch));
        Assert.Equal(("cilium_ipcache_v2", BpfMapType.LpmTrie, 24, 24, 512000u, 0x81), Shape(maps.IpCache));
        Assert.Equal("/sys/fs/bpf/tc/globals", CiliumMaps.PinDirectory("/sys/fs/bpf"));
    }

    [Fact]
    public void A_map_prefix_with_a_dot_is_refused_because_a_bpffs_would()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new CiliumMaps(new() { Prefix = "a.example_" }));

        Assert.Contains("a.example_", refused.Message, StringComparison.Ordinal);
        Assert.Equal("lab-1_cilium_ipcache_v2", new CiliumMaps(new() { Prefix = "lab-1_" }).IpCache.Name);
    }

    private static (string, BpfMapType, int, int, uint, int) Shape<TKey, TValue>(BpfMapSpec<TKey, TValue> spec)
        where TKey : unmanaged
        where TValue : unmanaged => (spec.Name, spec.Type, spec.KeySize, spec.ValueSize, spec.MaxEntries, (int)spec.Flags);

    private static void IsPolicy(string key, string entry, PolicyKey policyKey, bool isDeny, uint precedence)
    {
        Is(key, policyKey);
        Is(entry, new PolicyEntry(policyKey, isDeny, precedence));
    }

    private static void Is<T>(string hex, T layout)
        where T : unmanaged => Assert.Equal(hex, Hex(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in layout))));

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
