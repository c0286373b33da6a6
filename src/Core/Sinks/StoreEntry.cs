namespace KvStoreMesh.Core.Sinks;

/// <summary>A key in the local etcd.</summary>
/// <param name="Key">The whole key.</param>
/// <param name="Value">The value, never changed after creation.</param>
/// <param name="Lease">The lease it is attached to; 0 = none.</param>
/// <param name="CreateRevision">The revision at which it came into being; a put of an existing key does not change it.</param>
public readonly record struct StoreEntry(string Key, byte[] Value, long Lease, long CreateRevision);
