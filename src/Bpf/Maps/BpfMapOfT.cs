using KvStoreMesh.Bpf.Environment;
using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Maps;

/// <summary>
/// A map of the kernel, typed by its layouts; <see cref="BpfMap"/> makes and opens them. Every call goes straight to bpf(2), about a microsecond; any thread may call.
/// Disposing closes the descriptor; a pinned map and its entries live on.
/// </summary>
/// <typeparam name="TKey">The key's layout, as the kernel sees it.</typeparam>
/// <typeparam name="TValue">The value's layout, as the kernel sees it.</typeparam>
public sealed unsafe class BpfMap<TKey, TValue> : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly SafeBpfHandle _handle;
    private readonly MapBatch<TKey, TValue> _batch;

    internal BpfMap(SafeBpfHandle handle, BpfMapSpec<TKey, TValue> spec, string? pinPath = null)
    {
        (_handle, Spec, PinPath) = (handle, spec, pinPath);
        _batch = new MapBatch<TKey, TValue>(this, handle);
    }

    /// <summary>What the map looks like.</summary>
    public BpfMapSpec<TKey, TValue> Spec { get; }

    /// <summary>Where it is pinned, by this object or as it was found; null when it is not.</summary>
    public string? PinPath { get; private set; }

    internal SafeBpfHandle Handle => _handle;

    /// <summary>Reads one entry; false when there is none.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryLookup(in TKey key, out TValue value)
    {
        value = default;
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            int result = CallEntry(BpfCommand.MapLookup, k, v);
            return result switch
            {
                >= 0 => true,
                -Errno.ENOENT => false,
                _ => throw BpfException.For(BpfCommand.MapLookup, "read an entry of map", Spec.Name, -result),
            };
        }
    }

    /// <summary>Writes one entry, whether or not there is one.</summary>
    /// <exception cref="BpfException">The kernel refused; <see cref="BpfException.IsMapFull"/> when there is no room.</exception>
    public void Update(in TKey key, in TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            int result = CallEntry(BpfCommand.MapUpdate, k, v);
            if (result < 0)
            {
                throw BpfException.For(BpfCommand.MapUpdate, "write an entry of map", Spec.Name, -result);
            }
        }
    }

    /// <summary>Deletes one entry; false when there was none, which is no error.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool Delete(in TKey key)
    {
        fixed (TKey* k = &key)
        {
            int result = CallEntry(BpfCommand.MapDelete, k, null);
            return result switch
            {
                >= 0 => true,
                -Errno.ENOENT => false,
                _ => throw BpfException.For(BpfCommand.MapDelete, "delete an entry of map", Spec.Name, -result),
            };
        }
    }

    /// <summary>Writes entries in the given order, <c>keys[i]</c> with <c>values[i]</c>; the same key twice: the later one stays.</summary>
    /// <exception cref="BpfException">The kernel refused; the first <see cref="BpfException.Completed"/> entries are written.</exception>
    public void UpdateBatch(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values) => _batch.Update(keys, values);

    /// <summary>Deletes entries in the given order; those that are not there are passed over.</summary>
    /// <returns>How many were there.</returns>
    /// <exception cref="BpfException">The kernel refused; the first <see cref="BpfException.Completed"/> keys are gone.</exception>
    public int DeleteBatch(ReadOnlySpan<TKey> keys) => _batch.Delete(keys);

    /// <summary>
    /// Reads all entries, some hundred at a time, while it is enumerated. An entry that nobody touches is seen; one that
    /// is written or deleted meanwhile may be seen or not. In a trie a delete may make the walk begin again, so that entries are
    /// seen twice: collect the keys first, then delete.
    /// </summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public IEnumerable<KeyValuePair<TKey, TValue>> Entries() => _batch.Walk();

    /// <summary>Pins the map at a path of a bpffs; atomically in place of what is pinned there.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public void PinOver(string path)
    {
        BpfFileSystem.PinOver(_handle, "map", path);
        PinPath = path;
    }

    /// <summary>Removes the pin, if there is one. The map lives on while this object or a program refers to it.</summary>
    public void Unpin()
    {
        if (PinPath is { } path)
        {
            BpfFileSystem.Unpin(path);
            PinPath = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private int CallEntry(BpfCommand command, TKey* key, TValue* value)
    {
        using SafeBpfHandle.Lease held = _handle.Hold();
        var attributes = new MapEntryAttributes { MapFd = (uint)held.Fd, Key = (ulong)key, Value = (ulong)value };
        return BpfSyscall.Call(command, ref attributes);
    }
}
