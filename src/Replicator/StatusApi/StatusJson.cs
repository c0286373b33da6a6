using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>The JSON of the status endpoints, shared by the daemon and the <c>status</c> command.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<RemoteClusterModel>))]
[JsonSerializable(typeof(IReadOnlyList<SubscriberModel>))]
[JsonSerializable(typeof(ConfigurationModel))]
[JsonSerializable(typeof(StatusModel))]
internal sealed partial class StatusJson : JsonSerializerContext
{
    /// <summary>As Go writes: what is zero is left out.</summary>
    public static StatusJson Cilium { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Ours: everything is written.</summary>
    public static StatusJson Full { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
