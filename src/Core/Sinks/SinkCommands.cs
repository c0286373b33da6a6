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

internal sealed class WriteCommand(ILocalStore store, IReadOnlyList<SinkWrite> writes, StoreFence? fence) : SinkCommand
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

        Revision = await store.TransactAsync(operations, fence, cancellationToken);
    }
}

internal sealed class DrainCommand(ILocalStore store, SinkCluster cluster, StoreOperation step, StoreFence? fence) : SinkCommand
{
    public SinkCluster Cluster => cluster;

    public long Revision { get; private set; }

    public override async Task RunAsync(CancellationToken cancellationToken) =>
        Revision = await store.TransactAsync([step], fence, cancellationToken);
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

internal sealed class ElectionCommand(ILocalStore store, ElectionStep step, long lease, TimeSpan timeToLive) : SinkCommand
{
    private const int MaxContenders = 1000;

    public ElectionStep Step => step;

    /// <summary>The lease granted.</summary>
    public long Lease { get; private set; }

    /// <summary>The lease to renew does not exist any more.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Who wants the lock.</summary>
    public StorePage? Contenders { get; private set; }

    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        switch (step)
        {
            case ElectionStep.Grant:
                Lease = await store.GrantAsync(timeToLive, cancellationToken);
                break;
            case ElectionStep.Enlist:
                await store.TransactAsync([StoreOperation.Put(SinkKeys.Lock(lease), [], lease)], null, cancellationToken);
                break;
            case ElectionStep.Look:
                Contenders = await store.ListAsync(SourceRange.Prefix(SinkKeys.Locks), null, MaxContenders, cancellationToken);
                break;
            default:
                IsLost = (await store.RenewAsync([lease], cancellationToken)).Count > 0;
                break;
        }
    }
}
