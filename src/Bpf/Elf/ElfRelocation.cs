namespace KvStoreMesh.Bpf.Elf;

/// <summary>A place in a section that depends on a symbol.</summary>
internal readonly record struct ElfRelocation(ulong Offset, uint Type, uint Symbol)
{
    /// <summary><c>R_BPF_64_64</c>: the immediate of a 64 bit load.</summary>
    public const uint Address64 = 1;
}
