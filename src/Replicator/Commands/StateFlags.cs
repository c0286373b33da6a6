using KvStoreMesh.Replicator.Options;
using Npgsql;

namespace KvStoreMesh.Replicator.Commands;

/// <summary>
/// Where the state is kept. A connection string comes from a file or the environment: the arguments of a process are for everybody to see.
/// </summary>
internal sealed class StateFlags(FlagValues values)
{
    /// <summary>The variable that may hold the connection string.</summary>
    public const string Variable = "KVSTOREMESH_STATE_CONNECTION_STRING";

    private const string DirectoryFlag = "--state-dir";
    private const string FileFlag = "--state-connection-string-file";

    /// <summary>The flags, with what <c>--help</c> says.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } =
    [
        (DirectoryFlag, "Directory of this daemon's own for the state that outlives a restart (SQLite); made if it is missing"),
        (FileFlag, $"File with the connection string of a PostgreSQL database for it instead, also from the environment: {Variable}"),
    ];

    /// <summary>What they ask for; null to keep no state.</summary>
    /// <exception cref="OptionException">Both are given, or the connection string is none.</exception>
    public StateStorageOptions? ToOptions()
    {
        var directory = values.Last(DirectoryFlag) is { Length: > 0 } path ? Path.GetFullPath(path) : null;
        var file = values.ExistingFile(FileFlag);
        var (origin, text) = file is not null ? (FileFlag, Read(file)) : (Variable, values.Last(Variable));
        if (string.IsNullOrWhiteSpace(text))
        {
            return file is null
                ? directory is null ? null : new StateStorageOptions(directory, null)
                : throw new OptionException(FileFlag, $"{file} is empty: write the connection string into it, Host=…;Database=…;Username=…;Password=…");
        }

        if (directory is not null)
        {
            throw new OptionException(DirectoryFlag, $"and {origin} name two places for one state: give one of them");
        }

        try
        {
            var connection = new NpgsqlConnectionStringBuilder(text.Trim());
            return string.IsNullOrEmpty(connection.Host)
                ? throw new OptionException(origin, "holds no Host: Host=…;Database=…;Username=…;Password=…")
                : new StateStorageOptions(null, text.Trim());
        }
        catch (Exception error) when (error is ArgumentException or FormatException or KeyNotFoundException)
        {
            // Not the library's words: they may repeat a piece of the string.
            throw new OptionException(origin, "is no connection string: Host=…;Database=…;Username=…;Password=…");
        }
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OptionException(FileFlag, $"{file} cannot be read: {error.Message}");
        }
    }
}
