namespace KvStoreMesh.TestSupport.State;

/// <summary>The installed PostgreSQL; Debian puts its programs where no PATH leads.</summary>
public static class PostgresBinaries
{
    private const string Missing = "PostgreSQL is not installed: apt-get install postgresql";

    /// <summary>Null if tests with PostgreSQL are to run.</summary>
    public static string? SkipReason { get; } = Find("postgres") is null && Environment.GetEnvironmentVariable("CI") != "true" ? Missing : null;

    /// <summary>A program's path.</summary>
    public static string Path(string program) => Find(program) ?? throw new InvalidOperationException(Missing);

    private static string? Find(string program)
    {
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => System.IO.Path.Combine(version, "bin"))
            : [];
        return debian.Concat((Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries))
            .Select(folder => System.IO.Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
    }
}
