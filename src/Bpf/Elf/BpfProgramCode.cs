namespace KvStoreMesh.Bpf.Elf;

/// <summary>One program of an object, before it is loaded.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Section">The section it stands in, which says what it attaches to.</param>
/// <param name="Instructions">Its instructions, 8 bytes each.</param>
/// <param name="Maps">Where it refers to maps.</param>
internal sealed record BpfProgramCode(string Name, string Section, ReadOnlyMemory<byte> Instructions, IReadOnlyList<MapReference> Maps);
