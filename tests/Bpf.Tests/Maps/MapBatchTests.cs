using CsCheck;
using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.IpCache;
using KvStoreMesh.Bpf.Syscalls;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.Maps;

/// <summary>What the kernel's batches really do, per map type.</summary>
public sealed class MapBatchTests
{
    [BpfFact]
    public void Any_mix_of_batches_leaves_a_hash_equal_to_a_dictionary()
    {
        using BpfMap<uint, ulong> map = BpfMap.Create(TestMaps.Hash(4096));
        AnyMixOfBatches(map, key => key, value => value);
    }

    [BpfFact]
    public void Any_mix_of_batches_leaves_a_trie_equal_to_a_dictionary()
    {
        using BpfMap<IpCacheKey, RemoteEndpointInfo> map = BpfMap.Create(TestMaps.Trie(4096));
        AnyMixOfBatches(map, TestMaps.Ip, value => new((uint)value));
    }

    [BpfFact]
    public void A_map_type_without_batches_is_served_entry_by_entry()
    {
        // BPF_MAP_TYPE_DEVMAP_HASH: values are interface numbers, 1 is the loopback.
        using BpfMap<uint, uint> map = BpfMap.Create<uint, uint>(new("test_devices", (BpfMapType)25, 512, BpfMapFlags.None));
        uint[] keys = [.. Enumerable.Range(0, 300).Select(i => (uint)i)];

        map.UpdateBatch(keys, [.. keys.Select(_ => 1u)]);
        Assert.True(map.TryLookup(299, out uint device));
        Assert.Equal(1u, device);
        Assert.Equal(300, map.DeleteBatch([1000, .. keys]));
        Assert.False(map.TryLookup(0, out _));

        BpfException refused = Assert.Throws<BpfException>(() => map.UpdateBatch([1, 2, 3], [1, 1, uint.MaxValue]));
        Assert.Equal(2, refused.Completed);
    }

    [BpfFact]
    public void A_hash_that_fills_up_in_a_batch_tells_how_far_it_came()
    {
        using BpfMap<uint, ulong> map = BpfMap.Create(TestMaps.Hash(300));
        uint[] keys = [.. Enumerable.Range(0, 600).Select(i => (uint)i)];

        BpfException full = Assert.Throws<BpfException>(() => map.UpdateBatch(keys, new ulong[600]));

        Assert.True(full.IsMapFull);
        Assert.Equal(300, full.Completed);
        Assert.Equal(keys[..300], map.Entries().Select(e => e.Key).Order());
    }

    [BpfFact]
    public void A_trie_that_fills_up_in_a_batch_tells_how_far_it_came_and_still_overwrites()
    {
        using BpfMap<IpCacheKey, RemoteEndpointInfo> map = BpfMap.Create(TestMaps.Trie(300));
        IpCacheKey[] keys = [.. Enumerable.Range(0, 600).Select(i => TestMaps.Ip((uint)i))];

        BpfException full = Assert.Throws<BpfException>(() => map.UpdateBatch(keys, new RemoteEndpointInfo[600]));

        Assert.True(full.IsMapFull);
        Assert.Equal(300, full.Completed);
        map.UpdateBatch(keys.AsSpan(0, 300), [.. keys[..300].Select(_ => new RemoteEndpointInfo(9))]);
        Assert.All(map.Entries(), entry => Assert.Equal(9u, entry.Value.Identity));
        Assert.Equal(300, map.Entries().Count());
    }

    [BpfFact]
    public void Deleting_a_batch_passes_over_what_is_not_there()
    {
        using BpfMap<uint, ulong> map = BpfMap.Create(TestMaps.Hash(1024));
        uint[] all = [.. Enumerable.Range(0, 1000).Select(i => (uint)i)];
        uint[] present = [.. all.Where(key => key % 3 == 0)];
        map.UpdateBatch(present, new ulong[present.Length]);

        Assert.Equal(present.Length, map.DeleteBatch(all));

        Assert.Empty(map.Entries());
    }

    [BpfFact]
    public void A_walk_of_many_chunks_sees_every_entry_once()
    {
        using BpfMap<uint, ulong> hash = BpfMap.Create(TestMaps.Hash(20_000));
        using BpfMap<IpCacheKey, RemoteEndpointInfo> trie = BpfMap.Create(TestMaps.Trie(20_000));
        uint[] numbers = [.. Enumerable.Range(0, 20_000).Select(i => (uint)i)];
        hash.UpdateBatch(numbers, [.. numbers.Select(n => (ulong)n)]);
        trie.UpdateBatch([.. numbers.Select(TestMaps.Ip)], [.. numbers.Select(n => new RemoteEndpointInfo(n))]);

        Assert.Equal(numbers, hash.Entries().Select(e => (uint)e.Value).Order());
        Assert.Equal(numbers, trie.Entries().Select(e => e.Value.Identity).Order());
    }

    [BpfFact]
    public void Keys_and_values_of_different_number_are_a_mistake_of_the_caller()
    {
        using BpfMap<uint, ulong> map = BpfMap.Create(TestMaps.Hash(8));

        Assert.Throws<ArgumentException>(() => map.UpdateBatch([1, 2], [1]));
        Assert.Empty(map.Entries());
    }

    private static void AnyMixOfBatches<TKey, TValue>(BpfMap<TKey, TValue> map, Func<uint, TKey> key, Func<ulong, TValue> value)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        Gen<uint[]> keys = Gen.UInt[0, 999].Array[0, 700];
        Gen.Select(Gen.Bool, keys).Array[1, 6].Sample(
            steps =>
            {
                map.DeleteBatch([.. map.Entries().Select(e => e.Key)]);
                var model = new Dictionary<TKey, TValue>();
                ulong counter = 0;
                foreach ((bool update, uint[] numbers) in steps)
                {
                    TKey[] batch = [.. numbers.Select(key)];
                    if (update)
                    {
                        TValue[] values = [.. numbers.Select(_ => value(++counter))];
                        map.UpdateBatch(batch, values);
                        for (int i = 0; i < batch.Length; i++)
                        {
                            model[batch[i]] = values[i];
                        }
                    }
                    else
                    {
                        Assert.Equal(batch.Count(model.Remove), map.DeleteBatch(batch));
                    }
                }

                Assert.Equal(model, new Dictionary<TKey, TValue>(map.Entries()));
            },
            iter: 60,
            threads: 1);
    }
}
