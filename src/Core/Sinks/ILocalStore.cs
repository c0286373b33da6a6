using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// A connection to the etcd that is written to. It is never repaired: once it is lost every call fails. Every member may
/// be called from any thread, any number at a time; failures are <see cref="StoreException"/>s.
/// </summary>
public interface ILocalStore : IAsyncDisposable
{
    /// <summary>The endpoint that answers, for messages.</summary>
    string Endpoint { get; }

    /// <summary>The etcd cluster ID, as every response header carries it.</summary>
    ulong EtcdClusterId { get; }

    /// <summary>The store's revision when the connection was made: below one seen earlier, the store has lost its history.</summary>
    long OpenedAtRevision { get; }

    /// <summary>Applies all operations at one revision, or none; two of them must not touch the same key.</summary>
    /// <param name="operations">What to write.</param>
    /// <param name="fence">What must hold, decided by the store together with the writes; null = nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The store's revision.</returns>
    Task<long> TransactAsync(IReadOnlyList<StoreOperation> operations, StoreFence? fence, CancellationToken cancellationToken);

    /// <summary>Reads up to <paramref name="limit"/> keys of a range, linearizably, as of now.</summary>
    /// <param name="range">The whole range of the list.</param>
    /// <param name="fromKey">Null for the first page, else the last page's <see cref="StorePage.NextKey"/>.</param>
    /// <param name="limit">Keys.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<StorePage> ListAsync(SourceRange range, string? fromKey, int limit, CancellationToken cancellationToken);

    /// <summary>Creates a lease, whose keys disappear when it is not renewed for <paramref name="timeToLive"/>.</summary>
    Task<long> GrantAsync(TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <summary>Renews leases.</summary>
    /// <returns>Those that do not exist any more.</returns>
    Task<IReadOnlyList<long>> RenewAsync(IReadOnlyList<long> leases, CancellationToken cancellationToken);

    /// <summary>Ends a lease and deletes its keys; nothing happens if it does not exist.</summary>
    Task RevokeAsync(long lease, CancellationToken cancellationToken);
}
