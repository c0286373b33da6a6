namespace KvStoreMesh.Core.Sources;

/// <summary>
/// One watch stream. Nothing is read ahead of <see cref="ReadAsync"/> beyond the transport's window, so a slow caller
/// slows the source down instead of filling memory.
/// </summary>
public interface ISourceWatch : IAsyncDisposable
{
    /// <summary>Waits for the next batch.</summary>
    /// <exception cref="SourceException">The watch ended, for whatever reason; it does not come back.</exception>
    Task<SourceBatch> ReadAsync(CancellationToken cancellationToken);
}
