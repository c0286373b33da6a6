namespace KvStoreMesh.Lab.World;

/// <summary>Where things are.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Daemon { get; } = Program("KvStoreMesh.Replicator", "kvstoremesh");

    public static string Agent { get; } = Program("KvStoreMesh.NodeAgent", "node-agent");

    /// <summary>What tests leave for people to look at.</summary>
    public static string Artefacts { get; } = Directory.CreateDirectory(Path.Combine(Root, "artifacts", "lab")).FullName;

    public static string File(params string[] path) => Path.Combine([Root, .. path]);

    public static string ReadText(params string[] path) => System.IO.File.ReadAllText(File(path));

    private static string Program(string project, string name) =>
        Path.Combine(Root, "artifacts/bin", project, Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), name);

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(directory, "KvStoreMesh.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new DirectoryNotFoundException("no KvStoreMesh.sln above the tests");
        }

        return directory;
    }
}
