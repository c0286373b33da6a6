using System.Text.Json;

namespace KvStoreMesh.Core.Tests.Resources;

/// <summary>What a golden case puts into etcd and what it expects to be there.</summary>
internal static class GoldenKeyValues
{
    /// <summary>All objects with a text as <c>key</c> and one as <c>value</c>, wherever they stand, in the order of the file.</summary>
    public static IEnumerable<(string Key, string Value)> In(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(In),
        JsonValueKind.Object when Text(element, "key") is { } key && Text(element, "value") is { } value => [(key, value)],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => In(property.Value)),
        _ => [],
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var property) && property.ValueKind == JsonValueKind.String ? property.GetString() : null;
}
