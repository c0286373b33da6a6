using KvStoreMesh.Core.Sinks;
using KvStoreMesh.TestSupport.Sinks;

namespace KvStoreMesh.Core.Tests.Sinks;

public sealed class FakeLocalStoreContractTests : LocalStoreContract
{
    private readonly FakeLocalEtcd _etcd = new(TimeProvider.System);

    protected override Task<ILocalStore> ConnectAsync(CancellationToken cancellationToken) => _etcd.ConnectAsync(cancellationToken);

    protected override Task StopAsync() => Task.CompletedTask;
}
