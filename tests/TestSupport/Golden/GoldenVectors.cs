using System.Text.Json;

namespace KvStoreMesh.TestSupport.Golden;

/// <summary>
/// Literal values as Cilium writes them, from the directory in <c>KVSTOREMESH_GOLDEN_DIR</c> or from
/// <c>../shared/golden</c> beside the repository.
/// </summary>
public static class GoldenVectors
{
    private const string Variable = "KVSTOREMESH_GOLDEN_DIR";

    /// <summary>Why they cannot be had; null if they can.</summary>
    public static string? Missing => Directory is null ? $"no golden vectors: set {Variable} or put them into ../shared/golden" : null;

    private static string? Directory { get; } = Find();

    /// <summary>The case with this number, e.g. <c>05</c>.</summary>
    public static JsonElement Load(string number)
    {
        var directory = Directory ?? throw new DirectoryNotFoundException(Missing);
        var file = System.IO.Directory.EnumerateFiles(directory, $"{number}-*.json").Single();
        return JsonElement.Parse(File.ReadAllBytes(file));
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } configured)
        {
            return configured;
        }

        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "KvStoreMesh.sln")))
            {
                var golden = Path.GetFullPath(Path.Combine(at.FullName, "..", "shared", "golden"));
                return System.IO.Directory.Exists(golden) ? golden : null;
            }
        }

        return null;
    }
}
