namespace KvStoreMesh.Bpf.Elf;

/// <summary>A two-slot load instruction whose immediate becomes a map's descriptor.</summary>
/// <param name="Offset">Bytes from the program's first instruction.</param>
/// <param name="Map">The map's name in the source.</param>
internal readonly record struct MapReference(int Offset, string Map);
