using System.Text.Json;
using System.Text.Json.Nodes;
using KvStoreMesh.Replicator.Commands;
using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>Cilium's status JSON, read and written, and the text made of it.</summary>
internal sealed class ApiVectors(GoldenCase golden)
{
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    public GoldenCheck? Check(string name) => name switch
    {
        "" => null,
        "json" => new(name, Json),
        "text" => new(name, () => Text(name, verbose: false)),
        "text_verbose" => new(name, () => Text(name, verbose: true)),
        _ => null,
    };

    private IReadOnlyList<RemoteClusterModel> Models() =>
        JsonSerializer.Deserialize(golden.Expect.GetProperty("json").GetRawText(), StatusJson.Cilium.IReadOnlyListRemoteClusterModel)!;

    private void Json()
    {
        var expected = JsonNode.Parse(golden.Expect.GetProperty("json").GetRawText())!;
        var written = JsonSerializer.Serialize(Models(), StatusJson.Cilium.IReadOnlyListRemoteClusterModel);
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(written)), written);
    }

    private void Text(string name, bool verbose) => Assert.Equal(
        golden.Expect.GetProperty(name).EnumerateArray().Select(line => line.GetString()),
        StatusText.Clusters(Models(), verbose, Now).TrimEnd('\n').Split('\n'));
}
