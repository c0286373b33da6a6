using System.Net;
using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.Bpf.Syscalls;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.Maps;

/// <summary>What a pin keeps, and what happens to one that does not fit.</summary>
public sealed class PinTests : IDisposable
{
    private readonly Lazy<BpffsDir> _bpffs = new(() => new BpffsDir());

    private string Directory => CiliumMaps.PinDirectory(_bpffs.Value.Path);

    public void Dispose()
    {
        if (_bpffs.IsValueCreated)
        {
            _bpffs.Value.Dispose();
        }
    }

    [BpfFact]
    public void A_pinned_map_keeps_its_entries_over_a_restart()
    {
        BpfMapSpec<uint, Lb4Backend> spec = new CiliumMaps(new() { Prefix = "t_" }).Backends4;
        var backend = new Lb4Backend(IPAddress.Parse("10.1.0.1"), 8080, LbProtocol.Tcp);
        using (BpfMap<uint, Lb4Backend> first = Open(spec, PinMismatch.Refuse, PinOutcome.Created))
        {
            first.Update(11, backend);
        }

        using BpfMap<uint, Lb4Backend> second = Open(spec, PinMismatch.Refuse, PinOutcome.Adopted);

        Assert.Equal([new(11u, backend)], second.Entries());
        Assert.Equal(Path.Combine(Directory, "t_cilium_lb4_backends_v3"), second.PinPath);
    }

    [BpfFact]
    public void Pin_directories_are_for_their_owner_only()
    {
        using BpfMap<uint, ulong> map = Open(TestMaps.Hash(1), PinMismatch.Refuse, PinOutcome.Created);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Directory));
        Assert.Equal(File.GetUnixFileMode(Directory), File.GetUnixFileMode(Path.GetDirectoryName(Directory)!));
    }

    [BpfFact]
    public void A_pin_of_another_size_is_refused_with_both_shapes_and_left_alone()
    {
        using (BpfMap<uint, ulong> old = Open(TestMaps.Hash(8), PinMismatch.Refuse, PinOutcome.Created))
        {
            old.Update(1, 2);
        }

        BpfMapMismatchException refused = Assert.Throws<BpfMapMismatchException>(
            () => BpfMap.OpenOrCreatePinned(TestMaps.Hash(16), Directory, PinMismatch.Refuse, out _));

        Assert.Contains("8 entries", refused.Message, StringComparison.Ordinal);
        Assert.Contains("16 entries", refused.Message, StringComparison.Ordinal);
        using BpfMap<uint, ulong> still = Open(TestMaps.Hash(8), PinMismatch.Refuse, PinOutcome.Adopted);
        Assert.True(still.TryLookup(1, out _));
    }

    [BpfFact]
    public void A_pin_that_does_not_fit_is_replaced_by_an_empty_map_when_the_caller_says_so()
    {
        using BpfMap<uint, ulong> old = Open(TestMaps.Hash(8), PinMismatch.Refuse, PinOutcome.Created);
        old.Update(1, 2);

        var other = new BpfMapSpec<uint, uint>(old.Spec.Name, BpfMapType.Hash, 8, BpfMapFlags.NoPreallocation);
        using (BpfMap<uint, uint> fresh = Open(other, PinMismatch.Replace, PinOutcome.Replaced))
        {
            Assert.Empty(fresh.Entries());
        }

        Open(other, PinMismatch.Refuse, PinOutcome.Adopted).Dispose();
        Assert.True(old.TryLookup(1, out _));
        Assert.Equal([other.Name], System.IO.Directory.GetFiles(Directory).Select(Path.GetFileName));
    }

    [BpfFact]
    public void A_map_that_programs_may_write_serves_where_they_must_not_and_not_the_other_way_round()
    {
        BpfMapSpec<uint, ulong> writable = TestMaps.Hash(8);
        BpfMapSpec<uint, ulong> readOnly = writable with { Flags = writable.Flags | BpfMapFlags.ReadOnlyForPrograms };

        Open(writable, PinMismatch.Refuse, PinOutcome.Created).Dispose();
        Open(readOnly, PinMismatch.Refuse, PinOutcome.Adopted).Dispose();
        using (BpfMap<uint, ulong> map = Open(writable, PinMismatch.Refuse, PinOutcome.Adopted))
        {
            map.Unpin();
        }

        Open(readOnly, PinMismatch.Refuse, PinOutcome.Created).Dispose();
        Assert.Throws<BpfMapMismatchException>(() => Open(writable, PinMismatch.Refuse, PinOutcome.Adopted));
    }

    [BpfFact]
    public void A_leftover_of_an_interrupted_replacement_is_no_obstacle()
    {
        using BpfMap<uint, ulong> map = Open(TestMaps.Hash(8), PinMismatch.Refuse, PinOutcome.Created);
        using BpfMap<uint, ulong> leftover = BpfMap.Create(TestMaps.Hash(1));
        leftover.PinOver(map.PinPath + "_new");

        Open(TestMaps.Hash(16), PinMismatch.Replace, PinOutcome.Replaced).Dispose();

        Open(TestMaps.Hash(16), PinMismatch.Refuse, PinOutcome.Adopted).Dispose();
        Assert.Single(System.IO.Directory.GetFiles(Directory));
    }

    [BpfFact]
    public void An_unpinned_map_is_gone_with_its_last_descriptor()
    {
        BpfMap<uint, ulong> map = Open(TestMaps.Hash(8), PinMismatch.Refuse, PinOutcome.Created);
        string path = map.PinPath!;
        map.Unpin();
        map.Unpin();

        Assert.Null(map.PinPath);
        Assert.Null(BpfMap.OpenPinned(map.Spec, path));
        map.Dispose();
    }

    [BpfFact]
    public void All_of_Ciliums_maps_are_created_and_found_back()
    {
        var specs = new CiliumMaps(new());
        for (int run = 0; run < 2; run++)
        {
            using var maps = new LoadBalancerMapSet(specs, _bpffs.Value.Path);
            Assert.Equal(run == 1, maps.WasAdopted);
            Open(specs.IpCache, PinMismatch.Refuse, run == 0 ? PinOutcome.Created : PinOutcome.Adopted).Dispose();
        }

        Assert.Equal(specs.Names.Order(), System.IO.Directory.GetFiles(Directory).Select(Path.GetFileName).Order());
    }

    [BpfFact]
    public void A_pin_of_another_size_can_be_replaced_by_one_that_holds_the_same_entries()
    {
        using (BpfMap<uint, ulong> old = Open(TestMaps.Hash(8), PinMismatch.Refuse, PinOutcome.Created))
        {
            old.UpdateBatch([1, 2, 3], [10, 20, 30]);
        }

        using (BpfMap<uint, ulong> larger = Open(TestMaps.Hash(16), PinMismatch.Resize, PinOutcome.Resized))
        {
            Assert.Equal([(1u, 10ul), (2u, 20ul), (3u, 30ul)], larger.Entries().Select(entry => (entry.Key, entry.Value)).Order());
        }

        Open(TestMaps.Hash(16), PinMismatch.Refuse, PinOutcome.Adopted).Dispose();
        IOException full = Assert.Throws<IOException>(() => Open(TestMaps.Hash(2), PinMismatch.Resize, PinOutcome.Resized));
        Assert.Contains("holds 3 entries, more than the wanted 2", full.Message, StringComparison.Ordinal);
        using BpfMap<uint, ulong> still = Open(TestMaps.Hash(5), PinMismatch.AdoptAnySize, PinOutcome.Adopted);
        Assert.Equal(3, still.Entries().Count());
        var other = new BpfMapSpec<uint, uint>(still.Spec.Name, BpfMapType.Hash, 8, BpfMapFlags.NoPreallocation);
        Assert.Throws<BpfMapMismatchException>(() => Open(other, PinMismatch.Resize, PinOutcome.Resized));
    }

    [BpfFact]
    public void Pinning_outside_of_a_bpffs_names_the_path_and_how_to_mount_one()
    {
        DirectoryInfo elsewhere = System.IO.Directory.CreateTempSubdirectory("kvm-");
        try
        {
            BpfException refused = Assert.Throws<BpfException>(
                () => BpfMap.OpenOrCreatePinned(TestMaps.Hash(8), Path.Combine(elsewhere.FullName, "tc", "globals"), PinMismatch.Replace, out _));

            Assert.Contains(elsewhere.FullName, refused.Message, StringComparison.Ordinal);
            Assert.Contains("mount -t bpf", refused.Message, StringComparison.Ordinal);
            Assert.Empty(elsewhere.GetFileSystemInfos());
        }
        finally
        {
            elsewhere.Delete(recursive: true);
        }
    }

    [BpfFact]
    public void A_name_with_a_dot_is_refused_with_the_reason()
    {
        string path = Path.Combine(_bpffs.Value.Path, "with.dot");

        using BpfMap<uint, ulong> map = BpfMap.Create(TestMaps.Hash(8));

        Assert.Contains("dot", Assert.Throws<BpfException>(() => map.PinOver(path)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "dot",
            Assert.Throws<BpfException>(() => BpfMap.OpenOrCreatePinned(TestMaps.Hash(8), path, PinMismatch.Refuse, out _)).Message,
            StringComparison.Ordinal);
    }

    private BpfMap<TKey, TValue> Open<TKey, TValue>(BpfMapSpec<TKey, TValue> spec, PinMismatch onMismatch, PinOutcome expected)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        BpfMap<TKey, TValue> map = BpfMap.OpenOrCreatePinned(spec, Directory, onMismatch, out PinOutcome outcome);
        Assert.Equal(expected, outcome);
        return map;
    }
}
