using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.TestSupport.State;

namespace KvStoreMesh.Actors.Tests.Persistence;

/// <summary>The fake keeps the promises of the real stores.</summary>
public sealed class FakeEntryStoreContractTests : EntryStoreContract
{
    protected override Task<IEntryStoreConnector> PrepareAsync() => Task.FromResult<IEntryStoreConnector>(new FakeEntryStores());
}
