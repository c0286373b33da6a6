using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Replicator.State;
using KvStoreMesh.TestSupport.State;

namespace KvStoreMesh.Replicator.Tests.State;

/// <summary>The contract on a real PostgreSQL, one schema for each test.</summary>
public sealed class PostgresEntryStoreContractTests(PostgresServer server) : EntryStoreContract, IClassFixture<PostgresServer>
{
    protected override async Task<IEntryStoreConnector> PrepareAsync() => new PostgresEntryStoreConnector(await server.NewSchemaAsync());
}
