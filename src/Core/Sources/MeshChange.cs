using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <summary>One key's new value, or its deletion.</summary>
/// <param name="Key">The key within its cluster.</param>
/// <param name="Value">The value, any bytes, never changed after creation; null for a deletion.</param>
/// <param name="Revision">The mod revision; of a deletion found by a list, the list's revision.</param>
/// <param name="CreateRevision">The create revision; 0 for a deletion.</param>
public readonly record struct MeshChange(MeshKey Key, byte[]? Value, long Revision, long CreateRevision)
{
    /// <summary>The key is gone.</summary>
    public bool IsDelete => Value is null;
}
