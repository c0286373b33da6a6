using KvStoreMesh.Bpf.Environment;
using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Maps;

/// <summary>Creates maps and opens pinned ones.</summary>
public static unsafe class BpfMap
{
    /// <summary>Creates a map that lives as long as a descriptor, a pin or a program refers to it.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static BpfMap<TKey, TValue> Create<TKey, TValue>(BpfMapSpec<TKey, TValue> spec)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        var attributes = new MapCreateAttributes
        {
            Type = (uint)spec.Type,
            KeySize = (uint)spec.KeySize,
            ValueSize = (uint)spec.ValueSize,
            MaxEntries = spec.MaxEntries,
            Flags = (uint)spec.Flags,
        };
        BpfSyscall.WriteName(attributes.Name, spec.Name);
        int fd = BpfSyscall.Call(BpfCommand.MapCreate, ref attributes);
        return fd >= 0
            ? new BpfMap<TKey, TValue>(new SafeBpfHandle(fd), spec)
            : throw BpfException.For(BpfCommand.MapCreate, "create map", spec.Name, -fd);
    }

    /// <summary>Opens a pinned map, or returns null when nothing is pinned at the path.</summary>
    /// <param name="spec">What it must look like.</param>
    /// <param name="path">Its pin.</param>
    /// <param name="anySize">Take a map of any number of entries: who only reads it need not know how large it was made.</param>
    /// <exception cref="BpfMapMismatchException">What is pinned has another shape.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static BpfMap<TKey, TValue>? OpenPinned<TKey, TValue>(BpfMapSpec<TKey, TValue> spec, string path, bool anySize = false)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        int fd = BpfSyscall.Get(path);
        if (fd == -Errno.ENOENT)
        {
            return null;
        }

        if (fd < 0)
        {
            throw BpfException.For(BpfCommand.ObjectGet, "open pinned map", path, -fd);
        }

        var handle = new SafeBpfHandle(fd);
        try
        {
            MapShape found = MapShape.Of(handle, path);
            MapShape wanted = anySize ? spec.Shape with { MaxEntries = found.MaxEntries } : spec.Shape;
            return wanted.Accepts(found)
                ? new BpfMap<TKey, TValue>(handle, spec, path)
                : throw new BpfMapMismatchException(path, spec.Shape, found);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Adopts the map pinned as <c>&lt;directory&gt;/&lt;spec.Name&gt;</c>, or creates and pins it there.</summary>
    /// <param name="spec">What it must look like.</param>
    /// <param name="directory">A directory of a bpffs; created with mode 0700.</param>
    /// <param name="onMismatch">What to do when another shape is pinned there.</param>
    /// <param name="outcome">How the map came about.</param>
    /// <exception cref="BpfMapMismatchException">Another shape is pinned there, and it is to be left alone.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static BpfMap<TKey, TValue> OpenOrCreatePinned<TKey, TValue>(
        BpfMapSpec<TKey, TValue> spec, string directory, PinMismatch onMismatch, out PinOutcome outcome)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        BpfFileSystem.CreateDirectory(directory);
        string path = Path.Combine(directory, spec.Name);
        outcome = PinOutcome.Adopted;
        try
        {
            if (OpenPinned(spec, path, anySize: onMismatch == PinMismatch.AdoptAnySize) is { } adopted)
            {
                return adopted;
            }

            outcome = PinOutcome.Created;
        }
        catch (BpfMapMismatchException) when (onMismatch == PinMismatch.Replace)
        {
            outcome = PinOutcome.Replaced;
        }
        catch (BpfMapMismatchException) when (onMismatch == PinMismatch.Resize)
        {
            outcome = PinOutcome.Resized;
        }

        using BpfMap<TKey, TValue>? old = outcome == PinOutcome.Resized ? OpenPinned(spec, path, anySize: true) : null;
        BpfMap<TKey, TValue> created = Create(spec);
        try
        {
            Copy(old, created, path);
            created.PinOver(path);
            return created;
        }
        catch
        {
            created.Dispose();
            throw;
        }
    }

    /// <summary>Nobody writes the old map meanwhile: the caller is the only writer.</summary>
    private static void Copy<TKey, TValue>(BpfMap<TKey, TValue>? old, BpfMap<TKey, TValue> created, string path)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        if (old is null)
        {
            return;
        }

        KeyValuePair<TKey, TValue>[] entries = [.. old.Entries()];
        try
        {
            created.UpdateBatch(Array.ConvertAll(entries, entry => entry.Key), Array.ConvertAll(entries, entry => entry.Value));
        }
        catch (BpfException full) when (full.IsMapFull)
        {
            throw new IOException($"the map pinned at {path} holds {entries.Length} entries, more than the wanted {created.Spec.MaxEntries}", full);
        }
    }
}
