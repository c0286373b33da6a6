using KvStoreMesh.Actors.Persistence;
using Microsoft.Data.Sqlite;

namespace KvStoreMesh.Replicator.State;

/// <summary>
/// The store as one SQLite database in a directory of its own. A lock file keeps a second daemon out; a database that cannot be read is
/// renamed, so that an operator can still look at it, and a new one takes its place.
/// </summary>
/// <param name="directory">The directory; made if it is not there, for this user only: the state of every cluster is in it.</param>
internal sealed class SqliteEntryStoreConnector(string directory) : IEntryStoreConnector
{
    private const string FileName = "state.db";

    /// <inheritdoc />
    public string Location { get; } = Path.Combine(directory, FileName);

    /// <inheritdoc />
    public Task<IEntryStore> OpenAsync(Action<string> notice, CancellationToken cancellationToken) =>
        Task.Run<IEntryStore>(() => Open(notice), cancellationToken);

    private SqliteEntryStore Open(Action<string> notice)
    {
        var gate = Lock();
        try
        {
            try
            {
                return Connect(gate, notice);
            }
            catch (EntryStoreException error) when (error.Fault == EntryStoreFault.Damaged)
            {
                var aside = new SqliteStateFile(Location).SetAside();
                notice($"{error.Message} It is kept as {aside}; its clusters start without their last state.");
                return Connect(gate, notice);
            }
        }
        catch
        {
            gate.Dispose();
            throw;
        }
    }

    // Held as long as the store is open, and let go by the kernel however the process ends.
    private FileStream Lock()
    {
        var path = Path.Combine(directory, "lock");
        try
        {
            PrivateFile.MakeDirectory(directory);
            return PrivateFile.Open(path);
        }
        catch (IOException error) when (IsLocked(error))
        {
            throw new EntryStoreException(
                EntryStoreFault.Unavailable, $"{path} is locked: another kvstoremesh uses this directory; give each daemon its own --state-dir.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, error);
        }
    }

    private EntryStoreException Unwritable(string path, Exception error) => new(
        EntryStoreFault.Unavailable, $"{path} cannot be written ({error.Message}): make {directory} writable for this user, or give another --state-dir.", error);

    private SqliteEntryStore Connect(FileStream gate, Action<string> notice)
    {
        var file = new SqliteStateFile(Location);
        SqliteConnection? connection = null;
        try
        {
            connection = file.Open();
            return new SqliteEntryStore(file, connection, gate, notice);
        }
        catch (SqliteException error)
        {
            connection?.Dispose();
            throw file.Explain(error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw Unwritable(Location, error);
        }
    }

    // What flock(2) says when another process holds it: EWOULDBLOCK.
    private static bool IsLocked(IOException error) =>
        error.HResult is 11 or 35 || error.Message.Contains("used by another process", StringComparison.OrdinalIgnoreCase);
}
