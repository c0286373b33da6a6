using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Sinks;

internal sealed class ConnectCommand(ILocalStoreConnector connector) : SinkCommand
{
    public ILocalStore? Store { get; private set; }

    public override async Task RunAsync(CancellationToken cancellationToken) => Store = await connector.ConnectAsync(cancellationToken);
}

internal sealed class CloseCommand(ILocalStore store) : SinkCommand
{
    public override Task RunAsync(CancellationToken cancellationToken) => store.DisposeAsync().AsTask();
}

internal sealed class WriteCommand(ILocalStore store, IReadOnlyList<SinkWrite> writes) : SinkCommand
{
    public IReadOnlyList<SinkWrite> Writes => writes;

    public long Revision { get; private set; }

    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        var operations = new StoreOperation[writes.Count];
        for (var i = 0; i < operations.Length; i++)
        {
            operations[i] = writes[i].Operation;
        }

        Revision = await store.TransactAsync(operations, cancellationToken);
    }
}

internal sealed class DrainCommand(ILocalStore store, SinkCluster cluster, StoreOperation step) : SinkCommand
{
    public SinkCluster Cluster => cluster;

    public long Revision { get; private set; }

    public override async Task RunAsync(CancellationToken cancellationToken) =>
        Revision = await store.TransactAsync([step], cancellationToken);
}

internal sealed class ListCommand(ILocalStore store, SinkCluster cluster, StoreListing listing, int limit) : SinkCommand
{
    public SinkCluster Cluster => cluster;

    public StoreListing Listing => listing;

    public StorePage? Page { get; private set; }

    public override async Task RunAsync(CancellationToken cancellationToken) =>
        Page = await store.ListAsync(listing.Range, listing.FromKey, limit, cancellationToken);
}

internal sealed class CheckConfigsCommand(ILocalStore store, string? fromKey, int limit) : SinkCommand
{
    public StorePage? Page { get; private set; }

    public override async Task RunAsync(CancellationToken cancellationToken) =>
        Page = await store.ListAsync(SourceRange.Prefix(SinkKeys.ClusterConfigs), fromKey, limit, cancellationToken);
}

internal sealed class GrantCommand(ILocalStore store, TimeSpan timeToLive) : SinkCommand
{
    public long Lease { get; private set; }

    public override async Task RunAsync(CancellationToken cancellationToken) => Lease = await store.GrantAsync(timeToLive, cancellationToken);
}

internal sealed class RenewCommand(ILocalStore store, IReadOnlyList<long> leases) : SinkCommand
{
    public IReadOnlyList<long> Lost { get; private set; } = [];

    public override async Task RunAsync(CancellationToken cancellationToken) => Lost = await store.RenewAsync(leases, cancellationToken);
}
