using Akka.Configuration;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Replicator.Options;

namespace KvStoreMesh.Replicator.State;

/// <summary>What outlives a restart: the entries and, in the same database, the journal of the clusters' lives.</summary>
internal static class StateServices
{
    /// <summary>Adds it, and says how Akka reaches its journal.</summary>
    public static Config AddState(this IServiceCollection services, StateStorageOptions? storage)
    {
        if (storage is null)
        {
            return Config.Empty;
        }

        IEntryStoreConnector connector;
        Config journal;
        if (storage.ConnectionString is { } connection)
        {
            connector = new PostgresEntryStoreConnector(connection);
            journal = JournalConfiguration.Postgres(connection);
        }
        else
        {
            var sqlite = new SqliteEntryStoreConnector(storage.Directory!);
            (connector, journal) = (sqlite, JournalConfiguration.Sqlite(new SqliteStateFile(sqlite.Location).ConnectionString));
        }

        services.AddSingleton(provider => new MeshState(
            connector, new StateOptions(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        return journal;
    }
}
