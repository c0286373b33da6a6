namespace KvStoreMesh.Core.Cache;

/// <summary>A key's value in the cache, with its revisions in the epoch that has this number within its cluster.</summary>
internal readonly record struct CachedEntry(byte[] Value, long Revision, long CreateRevision, int Epoch);
