namespace KvStoreMesh.Core.Sources;

/// <summary>A key at the source as a list returns it.</summary>
/// <param name="Key">The whole key.</param>
/// <param name="Value">The value, any bytes; never changed after creation.</param>
/// <param name="ModRevision">The revision of its last change.</param>
/// <param name="CreateRevision">The revision of its creation.</param>
public readonly record struct SourceEntry(string Key, byte[] Value, long ModRevision, long CreateRevision);
