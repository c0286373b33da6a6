using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvStoreMesh.Replicator.Troubleshoot;

/// <summary>The JSON of a report.</summary>
[JsonSerializable(typeof(TroubleshootReport))]
internal sealed partial class TroubleshootJson : JsonSerializerContext
{
    /// <summary>Everything is written, indented, severities by name.</summary>
    public static TroubleshootJson Indented { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<Severity>(JsonNamingPolicy.KebabCaseLower) },
        WriteIndented = true,
    });
}
