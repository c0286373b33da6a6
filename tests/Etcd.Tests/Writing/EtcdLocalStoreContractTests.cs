using KvStoreMesh.Core.Sinks;
using KvStoreMesh.TestSupport.Sinks;

namespace KvStoreMesh.Etcd.Tests.Writing;

public sealed class EtcdLocalStoreContractTests : LocalStoreContract
{
    private LocalEtcd? _etcd;

    protected override async Task<ILocalStore> ConnectAsync(CancellationToken cancellationToken)
    {
        _etcd ??= await LocalEtcd.StartAsync();
        return await _etcd.Connector.ConnectAsync(cancellationToken);
    }

    protected override async Task StopAsync()
    {
        if (_etcd is not null)
        {
            await _etcd.DisposeAsync();
        }
    }
}
