using System.Text;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using Microsoft.Data.Sqlite;

namespace KvStoreMesh.Replicator.State;

/// <summary>The entries in a SQLite file. Its calls block, so they run on the pool; its one owner makes them one at a time.</summary>
/// <param name="file">The file.</param>
/// <param name="connected">A connection to it; the store's from now on.</param>
/// <param name="gate">Let go when the store is closed.</param>
/// <param name="notice">Told, in one line, that the file was found to be damaged and has been set aside.</param>
internal sealed class SqliteEntryStore(SqliteStateFile file, SqliteConnection connected, IDisposable gate, Action<string> notice) : IEntryStore
{
    private SqliteConnection _connection = connected;

    /// <inheritdoc />
    public Task<StoredMesh> LoadAsync(CancellationToken cancellationToken) => Guarded(() =>
    {
        var mesh = Load(cancellationToken);
        if (mesh.Damaged.Count > 0)
        {
            Rebuild(mesh, cancellationToken);
        }

        return mesh;
    });

    private StoredMesh Load(CancellationToken cancellationToken)
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
    }

    // A broken page would break writes too, again and again: what can be read moves to a new file.
    private void Rebuild(StoredMesh mesh, CancellationToken cancellationToken)
    {
        _connection.Dispose();
        notice($"{file.Path} is damaged and is kept as {file.SetAside()}; {mesh.Clusters.Count} clusters were saved from it, {mesh.Damaged.Count} were not.");
        _connection = file.Open();
        Write([.. mesh.Clusters.Select(cluster => new ClusterWrite(cluster.Cluster, true, cluster.Entries, cluster.Checkpoint, cluster.ProvedAt))], cancellationToken);
    }

    /// <inheritdoc />
    public Task WriteAsync(IReadOnlyList<ClusterWrite> writes, CancellationToken cancellationToken) => Guarded(() =>
    {
        Write(writes, cancellationToken);
        return true;
    });

    private void Write(IReadOnlyList<ClusterWrite> writes, CancellationToken cancellationToken)
    {
        using var transaction = _connection.BeginTransaction();
        using var commands = new SqliteEntryCommands(_connection, transaction);
        foreach (var write in writes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            commands.Write(write);
        }

        transaction.Commit();
    }

    /// <inheritdoc />
    public Task<long> MeasureAsync(CancellationToken cancellationToken) => Guarded(() => file.Size);

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        gate.Dispose();
        return ValueTask.CompletedTask;
    }

    private List<(long Id, ClusterName Name, byte[] Checkpoint, long ProvedAt)> Clusters()
    {
        using var command = new SqliteCommand("SELECT id, name, checkpoint, proved_at FROM kvstoremesh_clusters ORDER BY id", _connection);
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
            "SELECT kind, name, value, mod_revision, create_revision FROM kvstoremesh_entries WHERE cluster = $cluster", _connection);
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
            var explained = file.Explain(error);
            if (explained.Fault == EntryStoreFault.Damaged)
            {
                notice($"{explained.Message} It is kept as {file.SetAside()}; a new one is begun.");
            }

            throw explained;
        }
    });
}
