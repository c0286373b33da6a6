using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Maps;

/// <summary>
/// The batch commands of one map. Measured on 6.18: a full hash stops with E2BIG and a full trie with ENOSPC, the count telling
/// how many were taken; a delete stops with ENOENT at the first missing key; map types without batches say ENOTSUPP, and
/// are then served entry by entry.
/// </summary>
internal sealed unsafe class MapBatch<TKey, TValue>(BpfMap<TKey, TValue> map, SafeBpfHandle handle)
    where TKey : unmanaged
    where TValue : unmanaged
{
    // More brings nothing: 256 is as fast as 4096. A walk needs room for the fullest bucket of a hash, which has a handful.
    private const int ChunkEntries = 256;

    public void Update(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values)
    {
        if (keys.Length != values.Length)
        {
            throw new ArgumentException($"{keys.Length} keys do not go with {values.Length} values", nameof(values));
        }

        for (int start = 0; start < keys.Length; start += ChunkEntries)
        {
            int count = Math.Min(ChunkEntries, keys.Length - start);
            int result = Call(BpfCommand.MapUpdateBatch, keys.Slice(start, count), values.Slice(start, count), out int done);
            if (result == -Errno.ENOTSUPP)
            {
                UpdateOneByOne(keys, values, start);
                return;
            }

            if (result < 0)
            {
                throw BpfException.For(BpfCommand.MapUpdateBatch, "write entries of map", map.Spec.Name, -result, start + done);
            }
        }
    }

    public int Delete(ReadOnlySpan<TKey> keys)
    {
        int deleted = 0;
        int next = 0;
        while (next < keys.Length)
        {
            ReadOnlySpan<TKey> chunk = keys.Slice(next, Math.Min(ChunkEntries, keys.Length - next));
            int result = Call(BpfCommand.MapDeleteBatch, chunk, default, out int done);
            deleted += done;
            next += done;
            switch (result)
            {
                case >= 0:
                    break;
                case -Errno.ENOENT:
                    next++;
                    break;
                case -Errno.ENOTSUPP:
                    return deleted + DeleteOneByOne(keys[next..]);
                default:
                    throw BpfException.For(BpfCommand.MapDeleteBatch, "delete entries of map", map.Spec.Name, -result, next);
            }
        }

        return deleted;
    }

    public IEnumerable<KeyValuePair<TKey, TValue>> Walk()
    {
        var keys = new TKey[ChunkEntries];
        var values = new TValue[ChunkEntries];

        // A hash's token is a u32 bucket, a trie's the last key read; the kernel reads and writes as much as it needs.
        byte[] token = new byte[Math.Max(map.Spec.KeySize, sizeof(uint))];
        bool first = true;
        while (true)
        {
            int result = Read(keys, values, token, first, out int count);
            if (result is < 0 and not -Errno.ENOENT)
            {
                throw BpfException.For(BpfCommand.MapLookupBatch, "read entries of map", map.Spec.Name, -result);
            }

            for (int i = 0; i < count; i++)
            {
                yield return new(keys[i], values[i]);
            }

            // A hash says ENOENT together with its last entries; a trie says it on an empty call after them.
            if (result == -Errno.ENOENT)
            {
                yield break;
            }

            first = false;
        }
    }

    private void UpdateOneByOne(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values, int start)
    {
        for (int i = start; i < keys.Length; i++)
        {
            try
            {
                map.Update(keys[i], values[i]);
            }
            catch (BpfException e)
            {
                throw BpfException.For(BpfCommand.MapUpdate, "write entries of map", map.Spec.Name, e.ErrorNumber, i);
            }
        }
    }

    private int DeleteOneByOne(ReadOnlySpan<TKey> keys)
    {
        int deleted = 0;
        foreach (ref readonly TKey key in keys)
        {
            deleted += map.Delete(key) ? 1 : 0;
        }

        return deleted;
    }

    private int Read(TKey[] keys, TValue[] values, byte[] token, bool first, out int count)
    {
        using SafeBpfHandle.Lease held = handle.Hold();
        fixed (TKey* k = keys)
        fixed (TValue* v = values)
        fixed (byte* t = token)
        {
            var attributes = new MapBatchAttributes
            {
                InBatch = first ? 0 : (ulong)t,
                OutBatch = (ulong)t,
                Keys = (ulong)k,
                Values = (ulong)v,
                Count = (uint)keys.Length,
                MapFd = (uint)held.Fd,
            };
            int result = BpfSyscall.Call(BpfCommand.MapLookupBatch, ref attributes);
            count = result is >= 0 or -Errno.ENOENT ? (int)attributes.Count : 0;
            return result;
        }
    }

    private int Call(BpfCommand command, ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values, out int done)
    {
        using SafeBpfHandle.Lease held = handle.Hold();
        fixed (TKey* k = keys)
        fixed (TValue* v = values)
        {
            var attributes = new MapBatchAttributes { Keys = (ulong)k, Values = (ulong)v, Count = (uint)keys.Length, MapFd = (uint)held.Fd };
            int result = BpfSyscall.Call(command, ref attributes);

            // A call refused before its first entry leaves the count as it was given.
            done = result < 0 && attributes.Count == keys.Length ? 0 : (int)attributes.Count;
            return result;
        }
    }
}
