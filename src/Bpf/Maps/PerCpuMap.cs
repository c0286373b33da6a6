using System.Globalization;
using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Maps;

/// <summary>Reads maps that have a value for each processor. The kernel then writes one value for every processor that could ever be there.</summary>
internal static unsafe class PerCpuMap
{
    private static readonly int Processors = PossibleProcessors(File.ReadAllText("/sys/devices/system/cpu/possible"));

    /// <summary>All entries, each with its values by processor. One that is written meanwhile may be seen or not.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static IReadOnlyList<(TKey Key, TValue[] Values)> Entries<TKey, TValue>(BpfMap<TKey, TValue> map)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        var entries = new List<(TKey, TValue[])>();
        TKey key = default;
        bool first = true;
        while (entries.Count < map.Spec.MaxEntries && Next(map, first ? null : &key, out TKey next))
        {
            if (Lookup(map, next) is { } values)
            {
                entries.Add((next, values));
            }

            (key, first) = (next, false);
        }

        return entries;
    }

    /// <summary>How many processors a list like <c>0-3,8</c> reaches to: values are laid out up to the highest one.</summary>
    internal static int PossibleProcessors(string list) =>
        1 + list.Split(',').Max(range => int.Parse(range.Split('-')[^1], CultureInfo.InvariantCulture));

    private static bool Next<TKey, TValue>(BpfMap<TKey, TValue> map, TKey* after, out TKey next)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        fixed (TKey* n = &next)
        {
            int result = Call(map, BpfCommand.MapNextKey, after, n);
            return result switch
            {
                >= 0 => true,
                -Errno.ENOENT => false,
                _ => throw BpfException.For(BpfCommand.MapNextKey, "walk map", map.Spec.Name, -result),
            };
        }
    }

    private static TValue[]? Lookup<TKey, TValue>(BpfMap<TKey, TValue> map, TKey key)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        // Each value takes a multiple of 8 bytes.
        int stride = (sizeof(TValue) + 7) & ~7;
        byte[] buffer = new byte[stride * Processors];
        fixed (byte* b = buffer)
        {
            int result = Call(map, BpfCommand.MapLookup, &key, b);
            if (result == -Errno.ENOENT)
            {
                return null;
            }

            if (result < 0)
            {
                throw BpfException.For(BpfCommand.MapLookup, "read an entry of map", map.Spec.Name, -result);
            }

            var values = new TValue[Processors];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = *(TValue*)(b + (i * stride));
            }

            return values;
        }
    }

    private static int Call<TKey, TValue>(BpfMap<TKey, TValue> map, BpfCommand command, void* key, void* value)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        using SafeBpfHandle.Lease held = map.Handle.Hold();
        var attributes = new MapEntryAttributes { MapFd = (uint)held.Fd, Key = (ulong)key, Value = (ulong)value };
        return BpfSyscall.Call(command, ref attributes);
    }
}
