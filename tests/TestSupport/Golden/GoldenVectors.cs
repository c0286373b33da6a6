using System.Text.Json;

namespace KvStoreMesh.TestSupport.Golden;

/// <summary>
/// Literal values as Cilium writes them: those beside the repository (<c>../shared/golden</c>) and those in the
/// directory that <c>KVSTOREMESH_GOLDEN_DIR</c> names, which may hold other cases of the same kinds.
/// </summary>
public static class GoldenVectors
{
    /// <summary>Names one more directory.</summary>
    public const string Variable = "KVSTOREMESH_GOLDEN_DIR";

    // Of the numbered set; a directory without it holds other cases, and only the runner over all of them wants those.
    private const string FirstOfTheSet = "05";

    /// <summary>Why there is no case at all; null if there is one.</summary>
    public static string? Missing =>
        Files.Count == 0 ? $"no golden vectors: set {Variable} to a directory with some, or put them into ../shared/golden" : null;

    /// <summary>Why the cases known by their number cannot be had; null if they can.</summary>
    public static string? MissingSet => Missing ?? (Find(FirstOfTheSet) is null
        ? $"the golden vectors known by number are not here: set {Variable} to a directory with all of them" : null);

    /// <summary>Every case of every directory, by path.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Directories().SelectMany(directory => Directory.EnumerateFiles(directory, "*.json").Order(StringComparer.Ordinal))];

    /// <summary>The case with this number, e.g. <c>05</c>.</summary>
    public static JsonElement Load(string number) =>
        JsonElement.Parse(File.ReadAllBytes(Find(number) ?? throw new FileNotFoundException($"there is no golden case {number}")));

    private static string? Find(string number) =>
        Files.FirstOrDefault(file => Path.GetFileName(file).StartsWith($"{number}-", StringComparison.Ordinal));

    // The ones beside the repository first: of two with one number they are the ones that tests know.
    private static IEnumerable<string> Directories()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "KvStoreMesh.sln")))
            {
                var beside = Path.GetFullPath(Path.Combine(at.FullName, "..", "shared", "golden"));
                if (Directory.Exists(beside))
                {
                    yield return beside;
                }

                break;
            }
        }

        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            if (Directory.Exists(named))
            {
                yield return named;
            }
        }
    }
}
