using KvStoreMesh.Actors.Persistence;
using Microsoft.Data.Sqlite;

namespace KvStoreMesh.Replicator.State;

/// <summary>One database file: how it is opened, what marks it as ours, and what its errors mean.</summary>
/// <param name="path">The file.</param>
internal sealed class SqliteStateFile(string path)
{
    // "KVSM", in the header of the file: a database without it is somebody else's.
    private const int ApplicationId = 0x4B56534D;

    private const int Version = 1;

    // A keyed table without row ids: entries lie in the order in which they are loaded.
    private const string Schema = """
        CREATE TABLE kvstoremesh_clusters (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, checkpoint BLOB NOT NULL, proved_at INTEGER NOT NULL);
        CREATE TABLE kvstoremesh_entries (
            cluster INTEGER NOT NULL, kind INTEGER NOT NULL, name BLOB NOT NULL, value BLOB NOT NULL,
            mod_revision INTEGER NOT NULL, create_revision INTEGER NOT NULL, PRIMARY KEY (cluster, kind, name)) WITHOUT ROWID;
        """;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>What other users of the same file connect with.</summary>
    public string ConnectionString { get; } = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();

    /// <summary>The file, its log and its index, in bytes.</summary>
    public long Size => ((string[])["", "-wal", "-shm"]).Sum(suffix => new FileInfo(path + suffix) is { Exists: true } file ? file.Length : 0);

    /// <summary>Opens it, and makes it if it is not there or empty.</summary>
    /// <exception cref="SqliteException">See <see cref="Explain"/>.</exception>
    /// <exception cref="EntryStoreException">It is not ours.</exception>
    public SqliteConnection Open()
    {
        if (!File.Exists(path))
        {
            // Only to be there with the right mode: SQLite takes an empty file for a new database.
            using var created = PrivateFile.Open(path);
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder(ConnectionString) { Pooling = false }.ToString());
        try
        {
            connection.Open();
            Claim(connection);

            // A process that dies loses nothing with NORMAL; a machine that does loses the last transactions, whole.
            Run(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Renames it, so that it can be looked at and a new one take its place. Whoever has it open goes on with what is renamed.</summary>
    /// <returns>Its new name.</returns>
    public string SetAside()
    {
        var aside = path + ".damaged";
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            // The last one only: a disk that breaks again and again must not fill with them.
            File.Delete(aside + suffix);
            if (File.Exists(path + suffix))
            {
                File.Move(path + suffix, aside + suffix);
            }
        }

        return aside;
    }

    /// <summary>What an error of the database means, in one line.</summary>
    public EntryStoreException Explain(SqliteException error) => error.SqliteErrorCode switch
    {
        // SQLITE_CORRUPT, SQLITE_NOTADB; also 10 with "short read", which the driver reports as corruption of its own.
        11 or 26 => new(EntryStoreFault.Damaged, $"{path} is damaged or cut short ({error.Message}).", error),
        13 => new(EntryStoreFault.Unavailable, $"{path} cannot grow, the disk is full: free space; the stored state only gets older meanwhile.", error),
        8 => new(EntryStoreFault.Unavailable, $"{path} is read-only: make it writable for this user, or give another --state-dir.", error),
        5 or 6 => new(EntryStoreFault.Unavailable, $"{path} is locked by another program: stop what uses it.", error),
        14 => new(EntryStoreFault.Unavailable, $"{path} cannot be opened: make the directory writable for this user, or give another --state-dir.", error),
        _ => new(EntryStoreFault.Unavailable, $"{path} cannot be used ({error.Message}): check the disk.", error),
    };

    /// <summary>Runs statements that answer nothing.</summary>
    public static void Run(SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        using var command = new SqliteCommand(sql, connection, transaction);
        command.ExecuteNonQuery();
    }

    private void Claim(SqliteConnection connection)
    {
        var tables = Read(connection, "SELECT count(*) FROM sqlite_schema");
        var (application, version) = (Read(connection, "PRAGMA application_id"), Read(connection, "PRAGMA user_version"));
        if (tables == 0 && application is 0 or ApplicationId)
        {
            Create(connection);
        }
        else if (application != ApplicationId)
        {
            throw new EntryStoreException(
                EntryStoreFault.Foreign, $"{path} is a database of another program and is left alone: give a --state-dir of its own, or move the file.");
        }
        else if (version > Version)
        {
            throw new EntryStoreException(
                EntryStoreFault.Foreign,
                $"{path} was written by a later kvstoremesh (layout {version}, this one knows {Version}) and is left alone: use that version, or move the file.");
        }
    }

    private static void Create(SqliteConnection connection)
    {
        // Before the first table, and outside of a transaction.
        Run(connection, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;");
        using var transaction = connection.BeginTransaction();
        Run(connection, $"{Schema} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};", transaction);
        transaction.Commit();
    }

    private static long Read(SqliteConnection connection, string sql)
    {
        using var command = new SqliteCommand(sql, connection);
        return (long)command.ExecuteScalar()!;
    }
}
