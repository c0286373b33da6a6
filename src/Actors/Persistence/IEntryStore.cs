namespace KvStoreMesh.Actors.Persistence;

/// <summary>
/// The entries of every cluster, as they outlive the process. One owner; one call at a time.
/// </summary>
/// <remarks>
/// Each cluster's entries and the checkpoint they stand at change in one transaction, or not at all: whatever instant the process dies at,
/// what is loaded afterwards is one state that was written, whole. An implementation may be blocking below; it is called from the pool.
/// </remarks>
public interface IEntryStore : IAsyncDisposable
{
    /// <summary>Reads everything. What does not prove to be what was written is not returned but named.</summary>
    /// <exception cref="EntryStoreException">The store does not answer.</exception>
    Task<StoredMesh> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Writes all of it in one transaction. After a failure nothing of it is there, and it may be written again.</summary>
    /// <exception cref="EntryStoreException">The store is full, damaged or does not answer.</exception>
    Task WriteAsync(IReadOnlyList<ClusterWrite> writes, CancellationToken cancellationToken);

    /// <summary>What it takes, in bytes on the disk.</summary>
    /// <exception cref="EntryStoreException">The store does not answer.</exception>
    Task<long> MeasureAsync(CancellationToken cancellationToken);
}
