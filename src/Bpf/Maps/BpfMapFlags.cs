namespace KvStoreMesh.Bpf.Maps;

/// <summary>Flags a map is created with; must match <c>BPF_F_*</c> in <c>linux/bpf.h</c>.</summary>
[Flags]
public enum BpfMapFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Memory for an entry is taken when it is written, not for all entries at once.</summary>
    NoPreallocation = 0x1,

    /// <summary>Programs may read the map but not write it.</summary>
    ReadOnlyForPrograms = 0x80,
}
