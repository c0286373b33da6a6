namespace KvStoreMesh.NodeAgent.Replica;

/// <summary>A key's current value.</summary>
/// <param name="Value">As the source wrote it.</param>
/// <param name="Revision">The source's revision of its last change.</param>
public readonly record struct ReplicaEntry(ReadOnlyMemory<byte> Value, long Revision);
