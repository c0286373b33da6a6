namespace KvStoreMesh.Bpf.Elf;

/// <summary>A symbol: a function, a map, or something that does not matter here.</summary>
internal sealed record ElfSymbol(string Name, byte Info, ushort Section, ulong Value, ulong Size)
{
    private const int Function = 2;

    public bool IsFunction => (Info & 0xf) == Function;
}
