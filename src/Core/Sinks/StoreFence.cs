namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// What must be true at the store for a transaction to take effect: the key exists, and is the very one that was created
/// at that revision. With the key of a lock it keeps out whoever has lost the lock, whatever it believes.
/// </summary>
/// <param name="Key">The key.</param>
/// <param name="CreateRevision">The revision at which it was created.</param>
public sealed record StoreFence(string Key, long CreateRevision);
