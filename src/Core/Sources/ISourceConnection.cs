namespace KvStoreMesh.Core.Sources;

/// <summary>
/// A connection to one source's etcd. Every answer is checked to come from the etcd cluster that answered first; one
/// from another fails with <see cref="SourcePhase.Protocol"/>. Failures are <see cref="SourceException"/>s.
/// Members may be called from any thread, one call of each at a time.
/// </summary>
public interface ISourceConnection : IAsyncDisposable
{
    /// <summary>The etcd cluster ID, as every response header carries it.</summary>
    ulong EtcdClusterId { get; }

    /// <summary>The endpoint that answered, for messages.</summary>
    string Endpoint { get; }

    /// <summary>Reads one key, linearizably; the revision is the current one also if the key is absent.</summary>
    Task<SourceRead> ReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Reads one page of a range at a revision.</summary>
    /// <param name="range">The whole range of the list.</param>
    /// <param name="fromKey">Null for the first page, else the last page's <see cref="SourcePage.NextKey"/>.</param>
    /// <param name="revision">The revision to list at; 0 = now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<SourcePage> ListAsync(SourceRange range, string? fromKey, long revision, CancellationToken cancellationToken);

    /// <summary>Opens one watch stream over several ranges; completes when the source has accepted every one of them.</summary>
    /// <param name="starts">Ranges that do not overlap, each with the first revision wanted of it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<ISourceWatch> WatchAsync(IReadOnlyList<WatchStart> starts, CancellationToken cancellationToken);
}
