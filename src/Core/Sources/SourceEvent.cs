namespace KvStoreMesh.Core.Sources;

/// <summary>One change as a watch reports it.</summary>
/// <param name="Key">The whole key.</param>
/// <param name="Value">The new value; null for a deletion.</param>
/// <param name="ModRevision">The revision of the change.</param>
/// <param name="CreateRevision">The revision of the key's creation; 0 for a deletion.</param>
public readonly record struct SourceEvent(string Key, byte[]? Value, long ModRevision, long CreateRevision)
{
    /// <summary>The key was deleted.</summary>
    public bool IsDelete => Value is null;
}
