namespace KvStoreMesh.Core.Sinks;

/// <summary>One write of a transaction. Keys are text (UTF-8 in etcd).</summary>
/// <param name="Key">The key, or the first key of a range.</param>
/// <param name="RangeEnd">Empty = one key; else all keys from <paramref name="Key"/> up to this one, exclusive, are deleted.</param>
/// <param name="Value">The value to put, never changed after creation; null = delete.</param>
/// <param name="Lease">The lease of a put key; 0 = none.</param>
public readonly record struct StoreOperation(string Key, string RangeEnd, byte[]? Value, long Lease)
{
    /// <summary>Puts a key.</summary>
    public static StoreOperation Put(string key, byte[] value, long lease) => new(key, string.Empty, value, lease);

    /// <summary>Deletes one key; it need not exist.</summary>
    public static StoreOperation Delete(string key) => new(key, string.Empty, null, 0);

    /// <summary>Deletes a range.</summary>
    public static StoreOperation DeleteRange(Sources.SourceRange range) => new(range.Start, range.End, null, 0);

    /// <summary>It deletes.</summary>
    public bool IsDelete => Value is null;
}
