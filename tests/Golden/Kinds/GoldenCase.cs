using System.Text;
using System.Text.Json;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>One file, as it is.</summary>
internal sealed record GoldenCase(string File, JsonElement Root)
{
    public string Kind => Root.TryGetProperty("kind", out var kind) ? kind.GetString()! : string.Empty;

    public string Description => Root.TryGetProperty("description", out var text) ? text.GetString()! : string.Empty;

    public JsonElement Expect => Root.GetProperty("expect");

    public static GoldenCase Load(string file) => Parse(file, System.IO.File.ReadAllText(file));

    public static GoldenCase Parse(string file, string json) => new(file, JsonElement.Parse(json));

    /// <summary>The keys and values that the case puts into etcd, in the order of the file.</summary>
    public IEnumerable<GoldenPair> Pairs => Root.TryGetProperty("kvs", out var pairs) ? PairsIn(pairs) : [];

    public static IEnumerable<GoldenPair> PairsIn(JsonElement list) => list.EnumerateArray().SelectMany(PairsOf);

    /// <summary>A key with its value; several pairs if a value is given in several forms, which are all valid.</summary>
    public static IEnumerable<GoldenPair> PairsOf(JsonElement pair)
    {
        var key = pair.GetProperty("key").GetString()!;
        foreach (var property in pair.EnumerateObject().Where(property => property.Name.StartsWith("value", StringComparison.Ordinal)))
        {
            var text = property.Value.GetString()!;
            yield return new(key, property.Name switch
            {
                "value" => Encoding.UTF8.GetBytes(text),
                _ when property.Name.EndsWith("_base64", StringComparison.Ordinal) => Convert.FromBase64String(text),
                _ when property.Name.EndsWith("_hex", StringComparison.Ordinal) => Convert.FromHexString(text),
                _ => throw new InvalidDataException($"{key}: '{property.Name}' is no known form of a value"),
            });
        }
    }

    /// <summary>The cluster that keys without one belong to: the one the case names, or the first that a key names.</summary>
    public ClusterName Cluster => ClusterName.Parse(
        Root.TryGetProperty("cluster", out var own) ? own.GetProperty("name").GetString()!
        : Root.TryGetProperty("remote_cluster", out var remote) ? remote.GetString()!
        : Pairs.Select(pair => pair.Cluster).FirstOrDefault(cluster => cluster is not null) ?? "foo");
}
