using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace KvStoreMesh.Replicator.Tests;

/// <summary>Cilium's literal values, beside the repository.</summary>
internal static class Golden
{
    /// <summary>The file of a case.</summary>
    public static JsonNode Read(string name, [CallerFilePath] string here = "")
    {
        for (var folder = Path.GetDirectoryName(here); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var path = Path.Combine(folder, "shared", "golden", name);
            if (File.Exists(path))
            {
                return JsonNode.Parse(File.ReadAllText(path))!;
            }
        }

        throw new FileNotFoundException($"../shared/golden/{name} is not beside the repository");
    }
}
