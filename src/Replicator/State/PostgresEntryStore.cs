using System.Text;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using Npgsql;
using NpgsqlTypes;

namespace KvStoreMesh.Replicator.State;

/// <summary>The entries in a PostgreSQL database, over one session.</summary>
internal sealed class PostgresEntryStore(NpgsqlConnection connection, string location) : IEntryStore
{
    /// <inheritdoc />
    public Task<StoredMesh> LoadAsync(CancellationToken cancellationToken) => Guarded(async () =>
    {
        // One snapshot of both tables.
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        var clusters = await ClustersAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            "SELECT cluster, kind, name, value, mod_revision, create_revision FROM kvstoremesh_entries", connection, transaction);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (clusters.TryGetValue(reader.GetInt64(0), out var cluster))
            {
                var key = new MeshKey((ResourceKind)reader.GetInt32(1), Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(2)));
                cluster.Entries.Add(new(key, reader.GetFieldValue<byte[]>(3), reader.GetInt64(4), reader.GetInt64(5)));
            }
        }

        return new StoredMesh([.. clusters.Values.Select(row => row.Cluster with { Entries = row.Entries })], []);
    });

    /// <inheritdoc />
    public Task WriteAsync(IReadOnlyList<ClusterWrite> writes, CancellationToken cancellationToken) => Guarded(async () =>
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var write in writes)
        {
            if (write.Checkpoint is null)
            {
                await ForgetAsync(write.Cluster, cancellationToken);
            }
            else
            {
                await SaveAsync(write, cancellationToken);
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    });

    /// <inheritdoc />
    public Task<long> MeasureAsync(CancellationToken cancellationToken) => Guarded(async () =>
    {
        await using var command = new NpgsqlCommand(
            "SELECT pg_total_relation_size('kvstoremesh_entries') + pg_total_relation_size('kvstoremesh_clusters')", connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    });

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        try
        {
            // The server notices the end of a session a moment later; whoever opens next should not meet the lock.
            await using var command = new NpgsqlCommand("SELECT pg_advisory_unlock_all()", connection);
            await command.ExecuteNonQueryAsync();
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or InvalidOperationException or IOException)
        {
            // The session is broken, and the lock with it.
        }

        await connection.DisposeAsync();
    }

    /// <summary>What an error of the database means, in one line; the server's words never hold a password.</summary>
    public static EntryStoreException Explain(Exception error, string location) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new(
            EntryStoreFault.Unavailable, $"{location} cannot grow, its disk is full: free space; the stored state only gets older meanwhile.", error),
        PostgresException { SqlState: PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted } => new(
            EntryStoreFault.Damaged, $"{location} is damaged ({Text(error)}): repair it, or drop the tables kvstoremesh_*.", error),
        PostgresException { SqlState: PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.DatatypeMismatch } => new(
            EntryStoreFault.Foreign, $"{location} has tables kvstoremesh_* of another layout ({Text(error)}) and is left alone: give another database or schema.", error),
        PostgresException => new(EntryStoreFault.Unavailable, $"{location} refuses ({Text(error)}): check its user and its rights.", error),
        _ => new(EntryStoreFault.Unavailable, $"{location} cannot be reached ({Text(error)}): check that it runs, and the connection string.", error),
    };

    private async Task<Dictionary<long, (StoredCluster Cluster, List<MeshChange> Entries)>> ClustersAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT id, name, checkpoint, proved_at FROM kvstoremesh_clusters", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var clusters = new Dictionary<long, (StoredCluster, List<MeshChange>)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (ClusterName.TryParse(reader.GetString(1), out var name, out _))
            {
                var provedAt = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3));
                clusters[reader.GetInt64(0)] = (new(name, [], reader.GetFieldValue<byte[]>(2), provedAt), []);
            }
        }

        return clusters;
    }

    private async Task ForgetAsync(ClusterName cluster, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            WITH gone AS (DELETE FROM kvstoremesh_clusters WHERE name = $1 RETURNING id)
            DELETE FROM kvstoremesh_entries USING gone WHERE cluster = gone.id
            """,
            connection)
        {
            Parameters = { new() { Value = cluster.Value } },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task SaveAsync(ClusterWrite write, CancellationToken cancellationToken)
    {
        var id = await SaveClusterAsync(write, cancellationToken);
        await ClearAsync(id, write, cancellationToken);

        // The changed keys are gone by now, so what is put can be copied in: several times faster than one statement a row.
        await using var import = await connection.BeginBinaryImportAsync(
            "COPY kvstoremesh_entries (cluster, kind, name, value, mod_revision, create_revision) FROM STDIN (FORMAT BINARY)", cancellationToken);
        foreach (var change in write.Changes.Where(change => !change.IsDelete))
        {
            await import.StartRowAsync(cancellationToken);
            await import.WriteAsync(id, NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync((int)change.Key.Kind, NpgsqlDbType.Integer, cancellationToken);
            await import.WriteAsync(Encoding.UTF8.GetBytes(change.Key.Name), NpgsqlDbType.Bytea, cancellationToken);
            await import.WriteAsync(change.Value!, NpgsqlDbType.Bytea, cancellationToken);
            await import.WriteAsync(change.Revision, NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(change.CreateRevision, NpgsqlDbType.Bigint, cancellationToken);
        }

        await import.CompleteAsync(cancellationToken);
    }

    private async Task<long> SaveClusterAsync(ClusterWrite write, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO kvstoremesh_clusters (name, checkpoint, proved_at) VALUES ($1, $2, $3)
            ON CONFLICT (name) DO UPDATE SET checkpoint = excluded.checkpoint, proved_at = excluded.proved_at RETURNING id
            """,
            connection)
        {
            Parameters = { new() { Value = write.Cluster.Value }, new() { Value = write.Checkpoint }, new() { Value = write.ProvedAt.ToUnixTimeMilliseconds() } },
        };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task ClearAsync(long id, ClusterWrite write, CancellationToken cancellationToken)
    {
        if (!write.Replaces && write.Changes.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand("DELETE FROM kvstoremesh_entries WHERE cluster = $1", connection)
        {
            Parameters = { new() { Value = id } },
        };
        if (!write.Replaces)
        {
            command.CommandText += " AND (kind, name) IN (SELECT * FROM unnest($2, $3))";
            command.Parameters.Add(new() { Value = write.Changes.Select(change => (int)change.Key.Kind).ToArray() });
            command.Parameters.Add(new() { Value = write.Changes.Select(change => Encoding.UTF8.GetBytes(change.Key.Name)).ToArray() });
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<T> Guarded<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            throw Explain(error, location);
        }
    }

    private static string Text(Exception error) => error is PostgresException { MessageText: { } text, SqlState: { } state } ? $"{text}, {state}" : error.Message;
}
