namespace KvStoreMesh.Core.Cache;

/// <summary>A key's value in the cache, with its revisions in the epoch that has this number within its cluster.</summary>
/// <param name="Value">The value.</param>
/// <param name="Revision">The mod revision.</param>
/// <param name="CreateRevision">The create revision.</param>
/// <param name="Epoch">The epoch's number.</param>
/// <param name="Hash">Of the name; its low bits choose the bucket.</param>
/// <param name="Seq">The record that published it; readers that stand there have it.</param>
internal readonly record struct CachedEntry(byte[] Value, long Revision, long CreateRevision, int Epoch, uint Hash, long Seq);
