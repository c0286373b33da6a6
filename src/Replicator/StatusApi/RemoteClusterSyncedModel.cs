using System.Text.Json.Serialization;

namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>The <c>synced</c> object of a remote cluster's status.</summary>
internal sealed record RemoteClusterSyncedModel
{
    /// <summary>Null if the source does not offer endpoint slices.</summary>
    [JsonPropertyName("endpoint-slices"), JsonPropertyOrder(0)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? EndpointSlices { get; init; }

    /// <summary>Endpoint IPs.</summary>
    [JsonPropertyName("endpoints"), JsonPropertyOrder(1)]
    public bool Endpoints { get; init; }

    /// <summary>Identities.</summary>
    [JsonPropertyName("identities"), JsonPropertyOrder(2)]
    public bool Identities { get; init; }

    /// <summary>Nodes.</summary>
    [JsonPropertyName("nodes"), JsonPropertyOrder(3)]
    public bool Nodes { get; init; }

    /// <summary>Null if the source does not offer service exports.</summary>
    [JsonPropertyName("service-exports"), JsonPropertyOrder(4)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? ServiceExports { get; init; }

    /// <summary>Services; true if the source does not offer them.</summary>
    [JsonPropertyName("services"), JsonPropertyOrder(5)]
    public bool Services { get; init; }
}
