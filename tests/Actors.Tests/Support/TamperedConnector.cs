using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Tests.Support;

/// <summary>An adapter with a fault: what its connections answer passes through the given functions.</summary>
internal sealed class TamperedConnector(ISourceConnector inner) : ISourceConnector
{
    public Func<SourcePage, SourcePage> Page { get; set; } = page => page;

    public Func<SourceBatch, SourceBatch> Batch { get; set; } = batch => batch;

    public Func<ulong, ulong> ClusterId { get; set; } = id => id;

    public Func<SourceRead, Task<SourceRead>> Read { get; set; } = Task.FromResult;

    public Func<SourcePage, Task> BeforePage { get; set; } = _ => Task.CompletedTask;

    public Func<Task> BeforeDispose { get; set; } = () => Task.CompletedTask;

    public async Task<ISourceConnection> ConnectAsync(SourceDefinition definition, CancellationToken cancellationToken) =>
        new Connection(this, await inner.ConnectAsync(definition, cancellationToken));

    private sealed class Connection(TamperedConnector owner, ISourceConnection inner) : ISourceConnection
    {
        public ulong EtcdClusterId => owner.ClusterId(inner.EtcdClusterId);

        public string Endpoint => inner.Endpoint;

        public async Task<SourceRead> ReadAsync(string key, CancellationToken cancellationToken)
        {
            var read = await inner.ReadAsync(key, cancellationToken);
            return await owner.Read(read);
        }

        public async Task<SourcePage> ListAsync(SourceRange range, string? fromKey, long revision, CancellationToken cancellationToken)
        {
            var page = await inner.ListAsync(range, fromKey, revision, cancellationToken);
            await owner.BeforePage(page);
            return owner.Page(page);
        }

        public async Task<ISourceWatch> WatchAsync(IReadOnlyList<WatchStart> starts, CancellationToken cancellationToken) =>
            new Watch(owner, await inner.WatchAsync(starts, cancellationToken));

        public async ValueTask DisposeAsync()
        {
            await owner.BeforeDispose();
            await inner.DisposeAsync();
        }
    }

    private sealed class Watch(TamperedConnector owner, ISourceWatch inner) : ISourceWatch
    {
        public async Task<SourceBatch> ReadAsync(CancellationToken cancellationToken)
        {
            var batch = await inner.ReadAsync(cancellationToken);
            return owner.Batch(batch);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
