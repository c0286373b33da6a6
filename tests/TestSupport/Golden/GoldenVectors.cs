using System.Text.Json;

namespace KvStoreMesh.TestSupport.Golden;

/// <summary>
/// Literal vectors of Cilium's wire format: one JSON file a case, called by its number, with <c>kvs</c> (keys and
/// values) and <c>expect</c> (what must come of them).
/// </summary>
/// <remarks>
/// They are not part of this repository: they lie in the directory <c>shared/golden</c> beside it, or where
/// <see cref="Variable"/> points to.
/// </remarks>
public static class GoldenVectors
{
    /// <summary>The environment variable that names their directory.</summary>
    public const string Variable = "KVSTOREMESH_GOLDEN_DIR";

    /// <summary>The directory; null if there is none.</summary>
    public static string? Location { get; } = Locate();

    /// <summary>The case of a number, e.g. <c>29</c>.</summary>
    /// <exception cref="FileNotFoundException">There is no such case.</exception>
    public static JsonElement Case(int number)
    {
        var pattern = $"{number:00}-*.json";
        var file = Directory.EnumerateFiles(Location ?? ".", pattern).SingleOrDefault()
            ?? throw new FileNotFoundException($"no {pattern} in {Location}");
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.Clone();
    }

    /// <summary>
    /// All objects with a text as <c>key</c> and one as <c>value</c>, wherever they stand in a case: what a case puts
    /// into etcd and what it expects to be there, in the order of the file.
    /// </summary>
    public static IEnumerable<(string Key, string Value)> KeyValues(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            return element.EnumerateArray().SelectMany(KeyValues);
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        return TryText(element, "key", out var key) && TryText(element, "value", out var value)
            ? [(key, value)]
            : element.EnumerateObject().SelectMany(property => KeyValues(property.Value));
    }

    private static bool TryText(JsonElement element, string name, out string text)
    {
        var found = element.TryGetProperty(name, out var property) && property.ValueKind == JsonValueKind.String;
        text = found ? property.GetString()! : string.Empty;
        return found;
    }

    private static string? Locate()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return named;
        }

        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "KvStoreMesh.sln")))
            {
                var beside = Path.Combine(directory.FullName, "..", "shared", "golden");
                return Directory.Exists(beside) ? Path.GetFullPath(beside) : null;
            }
        }

        return null;
    }
}
