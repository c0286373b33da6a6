namespace KvStoreMesh.NodeAgent.Status;

/// <summary>How full a map is.</summary>
/// <param name="Name">Its name without a prefix.</param>
/// <param name="Entries">Entries in it.</param>
/// <param name="MaxEntries">The most it takes.</param>
public sealed record MapStatus(string Name, int Entries, int MaxEntries);
