namespace KvStoreMesh.Core.Sinks;

/// <summary>One write under way: what the entry was when it was sent.</summary>
internal readonly record struct SinkWrite(SinkEntry Entry, int Version, byte[]? Value, SinkLease? Lease)
{
    public StoreOperation Operation => Value is null
        ? StoreOperation.Delete(Entry.StoreKey)
        : StoreOperation.Put(Entry.StoreKey, Value, Lease!.Id);
}
