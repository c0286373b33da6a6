using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Replicator.State;
using KvStoreMesh.TestSupport.State;

namespace KvStoreMesh.Replicator.Tests.State;

/// <summary>The contract on real SQLite files.</summary>
public sealed class SqliteEntryStoreContractTests : EntryStoreContract
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kvstoremesh-state-").FullName;

    public override Task DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return Task.CompletedTask;
    }

    protected override Task<IEntryStoreConnector> PrepareAsync() =>
        Task.FromResult<IEntryStoreConnector>(new SqliteEntryStoreConnector(Path.Combine(_directory, "made-by-it")));
}
