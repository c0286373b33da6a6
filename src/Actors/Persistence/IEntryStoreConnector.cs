namespace KvStoreMesh.Actors.Persistence;

/// <summary>Opens the one store of this daemon.</summary>
public interface IEntryStoreConnector
{
    /// <summary>Where the state is, in words that an operator can act on: a file, or a server without its password.</summary>
    string Location { get; }

    /// <summary>
    /// Opens it for this daemon alone, and creates it if there is none. A store of ours that cannot be read at all is set aside, never
    /// deleted, and <paramref name="notice"/> is told in one line.
    /// </summary>
    /// <exception cref="EntryStoreException">It cannot be had: the message names it and the way out.</exception>
    Task<IEntryStore> OpenAsync(Action<string> notice, CancellationToken cancellationToken);
}
