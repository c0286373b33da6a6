using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvStoreMesh.MeshBench.Results;

/// <summary>All that a run says.</summary>
public sealed record ScenarioReport
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public required string Scenario { get; init; }

    public required MachineLine Machine { get; init; }

    public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    public List<BenchResult> Results { get; init; } = [];

    /// <summary>Ours over a baseline's, in the same run; the name says of what.</summary>
    public Dictionary<string, double> Ratios { get; init; } = [];

    public List<BudgetLine> Budgets { get; init; } = [];

    /// <summary>What a reader of the numbers has to know.</summary>
    public List<string> Notes { get; init; } = [];

    /// <summary>A plot as SVG, written beside the tables.</summary>
    [JsonIgnore]
    public string? Plot { get; set; }

    /// <summary>Nothing was lost.</summary>
    [JsonIgnore]
    public bool IsSound => Results.TrueForAll(result => result.Lost is null or 0);

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">It is none.</exception>
    public static ScenarioReport FromJson(string text) =>
        JsonSerializer.Deserialize<ScenarioReport>(text, Json) ?? throw new JsonException("the report is null");
}
