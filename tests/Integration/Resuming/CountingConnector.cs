using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Integration.Resuming;

/// <summary>Counts what is asked of a source; a read of one key in the past is a probe and no list.</summary>
internal sealed class CountingConnector(ISourceConnector inner) : ISourceConnector
{
    private int _lists;

    public int Lists => _lists;

    public async Task<ISourceConnection> ConnectAsync(SourceDefinition definition, CancellationToken cancellationToken) =>
        new Connection(this, await inner.ConnectAsync(definition, cancellationToken));

    private sealed class Connection(CountingConnector owner, ISourceConnection inner) : ISourceConnection
    {
        public ulong EtcdClusterId => inner.EtcdClusterId;

        public string Endpoint => inner.Endpoint;

        public Task<SourceRead> ReadAsync(string key, CancellationToken cancellationToken) => inner.ReadAsync(key, cancellationToken);

        public Task<SourcePage> ListAsync(SourceRange range, string? fromKey, long revision, CancellationToken cancellationToken)
        {
            if (fromKey is null && range.End.Length > 0)
            {
                Interlocked.Increment(ref owner._lists);
            }

            return inner.ListAsync(range, fromKey, revision, cancellationToken);
        }

        public Task<ISourceWatch> WatchAsync(IReadOnlyList<WatchStart> starts, CancellationToken cancellationToken) =>
            inner.WatchAsync(starts, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
