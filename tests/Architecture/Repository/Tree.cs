namespace KvStoreMesh.Architecture.Repository;

/// <summary>The working tree: everything in it that people write.</summary>
internal static class Tree
{
    private const string Solution = "KvStoreMesh.sln";

    private static readonly HashSet<string> NotWritten =
        [".git", ".vs", ".idea", ".demo", "artifacts", "bin", "obj", "TestResults", "node_modules"];

    /// <summary>The directory of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>All text files, tests and documents included.</summary>
    public static IReadOnlyList<TextFile> Files { get; } = [.. Enumerate(new DirectoryInfo(Root))];

    /// <summary>All projects.</summary>
    public static IReadOnlyList<Project> Projects { get; } =
        [.. Files.Where(file => file.Extension == ".csproj").Select(file => new Project(file))];

    /// <summary>The C# below one of the given directories.</summary>
    public static IEnumerable<TextFile> CSharp(params string[] directories) =>
        Files.Where(file => file.Extension == ".cs" && directories.Any(file.IsBelow));

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, Solution)))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"no {Solution} above {AppContext.BaseDirectory}");
    }

    private static IEnumerable<TextFile> Enumerate(DirectoryInfo directory)
    {
        foreach (var file in directory.EnumerateFiles().Where(file => TextFile.IsText(file.Name)))
        {
            yield return new TextFile(Path.GetRelativePath(Root, file.FullName), File.ReadAllText(file.FullName));
        }

        foreach (var below in directory.EnumerateDirectories().Where(below => !NotWritten.Contains(below.Name)))
        {
            foreach (var file in Enumerate(below))
            {
                yield return file;
            }
        }
    }
}
