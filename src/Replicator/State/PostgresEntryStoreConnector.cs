using KvStoreMesh.Actors.Persistence;
using Npgsql;

namespace KvStoreMesh.Replicator.State;

/// <summary>
/// The store as tables of a PostgreSQL database. An advisory lock of the one session that also writes keeps a second daemon out: who has
/// lost the lock has lost the session, and cannot write any more.
/// </summary>
internal sealed class PostgresEntryStoreConnector : IEntryStoreConnector
{
    // One per database and schema: hashed into the key space of advisory locks, which the whole database shares.
    private const string LockStatement = "SELECT pg_try_advisory_lock(hashtextextended('kvstoremesh/' || current_schema(), 4260))";

    private const int Version = 1;

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS kvstoremesh_layout (version integer NOT NULL);
        INSERT INTO kvstoremesh_layout SELECT 1 WHERE NOT EXISTS (SELECT FROM kvstoremesh_layout);
        CREATE TABLE IF NOT EXISTS kvstoremesh_clusters (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, checkpoint bytea NOT NULL, proved_at bigint NOT NULL);
        CREATE TABLE IF NOT EXISTS kvstoremesh_entries (
            cluster bigint NOT NULL, kind integer NOT NULL, name bytea NOT NULL, value bytea NOT NULL,
            mod_revision bigint NOT NULL, create_revision bigint NOT NULL, PRIMARY KEY (cluster, kind, name));
        """;

    private readonly NpgsqlConnectionStringBuilder _connection;

    /// <summary>Takes where the database is.</summary>
    /// <param name="connectionString">As Npgsql reads it. Holds a password: never logged, never in a message.</param>
    /// <exception cref="ArgumentException">It is not one.</exception>
    public PostgresEntryStoreConnector(string connectionString)
    {
        // Not pooled: the session is the lock.
        _connection = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 5, CommandTimeout = 60, KeepAlive = 15 };
        Location = $"PostgreSQL database {_connection.Database ?? _connection.Username} at {_connection.Host}:{_connection.Port}";
    }

    /// <inheritdoc />
    public string Location { get; }

    /// <inheritdoc />
    public async Task<IEntryStore> OpenAsync(Action<string> notice, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(_connection.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await ClaimAsync(connection, cancellationToken);
            return new PostgresEntryStore(connection, Location);
        }
        catch (Exception error)
        {
            await connection.DisposeAsync();
            if (error is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
            {
                throw PostgresEntryStore.Explain(error, Location);
            }

            throw;
        }
    }

    private async Task ClaimAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using (var command = new NpgsqlCommand(LockStatement, connection))
        {
            if (await command.ExecuteScalarAsync(cancellationToken) is not true)
            {
                throw new EntryStoreException(
                    EntryStoreFault.Unavailable, $"{Location} is in use by another kvstoremesh: give each daemon a database or a schema (Search Path) of its own.");
            }
        }

        // One statement string is one transaction.
        await using (var command = new NpgsqlCommand(Schema, connection))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var command = new NpgsqlCommand("SELECT max(version) FROM kvstoremesh_layout", connection))
        {
            if (await command.ExecuteScalarAsync(cancellationToken) is int version && version > Version)
            {
                throw new EntryStoreException(
                    EntryStoreFault.Foreign,
                    $"{Location} was written by a later kvstoremesh (layout {version}, this one knows {Version}) and is left alone: use that version, or another schema.");
            }
        }
    }
}
