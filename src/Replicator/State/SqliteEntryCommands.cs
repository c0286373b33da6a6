using System.Text;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;
using Microsoft.Data.Sqlite;

namespace KvStoreMesh.Replicator.State;

/// <summary>The statements of one transaction, each compiled once.</summary>
internal sealed class SqliteEntryCommands : IDisposable
{
    private readonly SqliteCommand _saveCluster;
    private readonly SqliteCommand _forgetCluster;
    private readonly SqliteCommand _findCluster;
    private readonly SqliteCommand _clear;
    private readonly SqliteCommand _put;
    private readonly SqliteCommand _delete;

    public SqliteEntryCommands(SqliteConnection connection, SqliteTransaction transaction)
    {
        _saveCluster = Command(
            """
            INSERT INTO kvstoremesh_clusters (name, checkpoint, proved_at) VALUES ($1, $2, $3)
            ON CONFLICT (name) DO UPDATE SET checkpoint = excluded.checkpoint, proved_at = excluded.proved_at RETURNING id
            """,
            3);
        _forgetCluster = Command("DELETE FROM kvstoremesh_clusters WHERE id = $1", 1);
        _findCluster = Command("SELECT id FROM kvstoremesh_clusters WHERE name = $1", 1);
        _clear = Command("DELETE FROM kvstoremesh_entries WHERE cluster = $1", 1);
        _put = Command(
            """
            INSERT INTO kvstoremesh_entries (cluster, kind, name, value, mod_revision, create_revision) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (cluster, kind, name) DO UPDATE
                SET value = excluded.value, mod_revision = excluded.mod_revision, create_revision = excluded.create_revision
            """,
            6);
        _delete = Command("DELETE FROM kvstoremesh_entries WHERE cluster = $1 AND kind = $2 AND name = $3", 3);

        SqliteCommand Command(string sql, int parameters)
        {
            var command = new SqliteCommand(sql, connection, transaction);
            for (var i = 1; i <= parameters; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            }

            return command;
        }
    }

    /// <summary>Writes one cluster.</summary>
    public void Write(ClusterWrite write)
    {
        if (write.Checkpoint is not { } checkpoint)
        {
            Forget(write.Cluster);
            return;
        }

        var id = (long)Scalar(_saveCluster, write.Cluster.Value, checkpoint, write.ProvedAt.ToUnixTimeMilliseconds())!;
        if (write.Replaces)
        {
            Run(_clear, id);
        }

        foreach (var change in write.Changes)
        {
            Apply(id, change);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[_saveCluster, _forgetCluster, _findCluster, _clear, _put, _delete])
        {
            command.Dispose();
        }
    }

    private void Forget(ClusterName cluster)
    {
        if (Scalar(_findCluster, cluster.Value) is long id)
        {
            Run(_clear, id);
            Run(_forgetCluster, id);
        }
    }

    private void Apply(long cluster, in MeshChange change)
    {
        var (kind, name) = ((long)change.Key.Kind, Encoding.UTF8.GetBytes(change.Key.Name));
        if (change.Value is { } value)
        {
            Run(_put, cluster, kind, name, value, change.Revision, change.CreateRevision);
        }
        else
        {
            Run(_delete, cluster, kind, name);
        }
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        Bind(command, values);
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        Bind(command, values);
        return command.ExecuteScalar();
    }

    private static void Bind(SqliteCommand command, ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }
    }
}
