using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Etcd.Tests;

/// <summary>The contract at a real etcd, with pages so small that a list has many.</summary>
public sealed class EtcdSourceContractTests(EtcdSourceContractTests.SharedEtcd etcd) : SourceConnectionContract, IClassFixture<EtcdSourceContractTests.SharedEtcd>
{
    protected override Task<ISourceUnderTest> StartAsync() => etcd.BorrowAsync();

    public sealed class SharedEtcd : IAsyncLifetime
    {
        private RealEtcd? _etcd;

        public async Task<ISourceUnderTest> BorrowAsync() =>
            new Borrowed(_etcd ??= await RealEtcd.StartAsync(options: new EtcdSourceOptions { FirstPageKeys = 7, MaxPageKeys = 13 }));

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync() => await (_etcd?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private sealed class Borrowed(RealEtcd etcd) : ISourceUnderTest
    {
        public Core.Sources.ISourceConnector Connector => etcd.Connector;

        public Core.Sources.SourceDefinition Definition => etcd.Definition;

        public Task<long> WriteAsync(params SourceWrite[] writes) => etcd.WriteAsync(writes);

        public Task CompactAsync(long revision) => etcd.CompactAsync(revision);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
