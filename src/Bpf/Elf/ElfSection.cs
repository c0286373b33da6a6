namespace KvStoreMesh.Bpf.Elf;

/// <summary>A section: its name, its bytes, and the header fields that tie sections to each other.</summary>
internal sealed record ElfSection(int Index, string Name, uint Type, ReadOnlyMemory<byte> Data, uint Link, uint AppliesTo)
{
    public const uint SymbolTable = 2;
    public const uint NoBits = 8;
    public const uint Relocations = 9;
}
