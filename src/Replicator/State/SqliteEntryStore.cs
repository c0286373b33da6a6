using System.Text;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using Microsoft.Data.Sqlite;

namespace KvStoreMesh.Replicator.State;

/// <summary>The entries in a SQLite file. Its calls block, so they run on the pool; its one owner makes them one at a time.</summary>
internal sealed class SqliteEntryStore(SqliteStateFile file, SqliteConnection connection, IDisposable gate) : IEntryStore
{
    /// <inheritdoc />
    public Task<StoredMesh> LoadAsync(CancellationToken cancellationToken) => Guarded(() =>
    {
        var (clusters, damaged) = (new List<StoredCluster>(), new List<(ClusterName, string)>());
        foreach (var (id, name, checkpoint, provedAt) in Clusters())
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                clusters.Add(new(name, Entries(id), checkpoint, DateTimeOffset.FromUnixTimeMilliseconds(provedAt)));
            }
            catch (Exception error) when (error is SqliteException or InvalidCastException or DecoderFallbackException)
            {
                damaged.Add((name, $"its entries in {file.Path} cannot be read: {error.Message}"));
            }
        }

        return new StoredMesh(clusters, damaged);
    });

    /// <inheritdoc />
    public Task WriteAsync(IReadOnlyList<ClusterWrite> writes, CancellationToken cancellationToken) => Guarded(() =>
    {
        using var transaction = connection.BeginTransaction();
        using var commands = new SqliteEntryCommands(connection, transaction);
        foreach (var write in writes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            commands.Write(write);
        }

        transaction.Commit();
        return true;
    });

    /// <inheritdoc />
    public Task<long> MeasureAsync(CancellationToken cancellationToken) => Guarded(() => file.Size);

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        connection.Dispose();
        gate.Dispose();
        return ValueTask.CompletedTask;
    }

    private List<(long Id, ClusterName Name, byte[] Checkpoint, long ProvedAt)> Clusters()
    {
        using var command = new SqliteCommand("SELECT id, name, checkpoint, proved_at FROM kvstoremesh_clusters ORDER BY id", connection);
        using var reader = command.ExecuteReader();
        var clusters = new List<(long, ClusterName, byte[], long)>();
        while (reader.Read())
        {
            if (ClusterName.TryParse(reader.GetString(1), out var name, out _))
            {
                clusters.Add((reader.GetInt64(0), name, reader.GetFieldValue<byte[]>(2), reader.GetInt64(3)));
            }
        }

        return clusters;
    }

    private List<MeshChange> Entries(long cluster)
    {
        using var command = new SqliteCommand(
            "SELECT kind, name, value, mod_revision, create_revision FROM kvstoremesh_entries WHERE cluster = $cluster", connection);
        command.Parameters.AddWithValue("$cluster", cluster);
        using var reader = command.ExecuteReader();
        var entries = new List<MeshChange>();
        while (reader.Read())
        {
            var key = new MeshKey((ResourceKind)reader.GetInt32(0), Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(1)));
            entries.Add(new(key, reader.GetFieldValue<byte[]>(2), reader.GetInt64(3), reader.GetInt64(4)));
        }

        return entries;
    }

    private Task<T> Guarded<T>(Func<T> act) => Task.Run(() =>
    {
        try
        {
            return act();
        }
        catch (SqliteException error)
        {
            throw file.Explain(error);
        }
    });
}
