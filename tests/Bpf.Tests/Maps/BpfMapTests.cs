using System.Net;
using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.IpCache;
using KvStoreMesh.Bpf.Syscalls;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.Maps;

/// <summary>Single entries of real maps.</summary>
public sealed class BpfMapTests
{
    [BpfFact]
    public void An_entry_is_written_read_overwritten_and_deleted()
    {
        using BpfMap<uint, ulong> map = BpfMap.Create(TestMaps.Hash(8));

        Assert.False(map.TryLookup(1, out _));
        map.Update(1, 10);
        map.Update(1, 11);
        Assert.True(map.TryLookup(1, out ulong value));
        Assert.Equal(11ul, value);
        Assert.True(map.Delete(1));
        Assert.False(map.Delete(1));
        Assert.False(map.TryLookup(1, out _));
    }

    [BpfFact]
    public void A_full_map_says_so_whatever_errno_its_type_uses()
    {
        using BpfMap<uint, ulong> hash = BpfMap.Create(TestMaps.Hash(1));
        using BpfMap<IpCacheKey, RemoteEndpointInfo> trie = BpfMap.Create(TestMaps.Trie(1));
        hash.Update(1, 1);
        trie.Update(TestMaps.Ip(1), default);

        BpfException hashFull = Assert.Throws<BpfException>(() => hash.Update(2, 1));
        BpfException trieFull = Assert.Throws<BpfException>(() => trie.Update(TestMaps.Ip(2), default));

        Assert.Equal(("E2BIG", true), (hashFull.ErrorName, hashFull.IsMapFull));
        Assert.Equal(("ENOSPC", true), (trieFull.ErrorName, trieFull.IsMapFull));
        Assert.Contains("raise its maximum", hashFull.Message, StringComparison.Ordinal);
        hash.Update(1, 2);
        trie.Update(TestMaps.Ip(1), new(7));
    }

    [BpfFact]
    public void The_longest_prefix_of_an_address_is_found()
    {
        using BpfMap<IpCacheKey, RemoteEndpointInfo> trie = BpfMap.Create(TestMaps.Trie(8));
        trie.Update(new(IPAddress.Parse("10.2.0.0"), 16), new(2));
        trie.Update(new(IPAddress.Parse("10.2.3.0"), 24), new(3));

        Assert.True(trie.TryLookup(new(IPAddress.Parse("10.2.3.9")), out RemoteEndpointInfo inner));
        Assert.True(trie.TryLookup(new(IPAddress.Parse("10.2.4.9")), out RemoteEndpointInfo outer));

        Assert.Equal((3u, 2u), (inner.Identity, outer.Identity));
        Assert.False(trie.TryLookup(new(IPAddress.Parse("10.3.0.1")), out _));
    }

    [BpfFact]
    public void Bpftool_reads_the_maps_by_their_pins()
    {
        using var bpffs = new BpffsDir();
        var specs = new CiliumMaps(new() { SocketReverseNatEntries = 64 });
        using BpfMap<IpCacheKey, RemoteEndpointInfo> map =
            BpfMap.OpenOrCreatePinned(specs.IpCache, CiliumMaps.PinDirectory(bpffs.Path), PinMismatch.Refuse, out _);
        map.Update(new(IPAddress.Parse("10.2.0.15")), new(132306, IPAddress.Parse("172.18.0.5")));

        string dump = Command.Run("bpftool", "map", "dump", "pinned", map.PinPath!);

        string[] bytes = dump.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(w => w.Length == 2).ToArray();
        Assert.Equal("40000000000000010a02000f000000000000000000000000", string.Concat(bytes.Take(24)));
        Assert.Equal("d2040200ac12000500000000000000000000000000000002", string.Concat(bytes.Skip(24).Take(24)));
        Assert.Contains("Found 1 element", dump, StringComparison.Ordinal);
    }

    [BpfFact]
    public void A_disposed_map_is_refused_and_not_mistaken_for_another_descriptor()
    {
        BpfMap<uint, ulong> map = BpfMap.Create(TestMaps.Hash(1));
        map.Dispose();

        Assert.Throws<ObjectDisposedException>(() => map.Update(1, 1));
    }
}
