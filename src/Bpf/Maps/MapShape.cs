using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Maps;

/// <summary>What decides whether a map found at a pin can be used: all of it, since value layouts change under one name.</summary>
internal readonly record struct MapShape(BpfMapType Type, int KeySize, int ValueSize, uint MaxEntries, BpfMapFlags Flags)
{
    public static MapShape Of(SafeBpfHandle map, string name)
    {
        int result = BpfSyscall.Info(map, out MapInfo info);
        if (result < 0)
        {
            throw BpfException.For(BpfCommand.ObjectInfo, "read the shape of map", name, -result);
        }

        return new((BpfMapType)info.Type, (int)info.KeySize, (int)info.ValueSize, info.MaxEntries, (BpfMapFlags)info.Flags);
    }

    /// <summary>
    /// Whether a found map serves a spec of this shape. As Cilium does, a map that programs could write serves where they must not;
    /// the other way round they could not do their work.
    /// </summary>
    public bool Accepts(MapShape found) =>
        found == this || (Flags.HasFlag(BpfMapFlags.ReadOnlyForPrograms) && found == this with { Flags = Flags & ~BpfMapFlags.ReadOnlyForPrograms });

    public override string ToString() =>
        $"{Type} with {KeySize} byte keys, {ValueSize} byte values, {MaxEntries} entries, flags 0x{(uint)Flags:x}";
}
