using System.Text.Json.Serialization;

namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>The <c>config</c> object of a remote cluster's status.</summary>
internal sealed record RemoteClusterConfigModel
{
    /// <summary>The cluster's id.</summary>
    [JsonPropertyName("cluster-id"), JsonPropertyOrder(0)]
    public long ClusterId { get; init; }

    /// <summary>How endpoint slices are exported; empty if they are not.</summary>
    [JsonPropertyName("endpoint-slices-export-mode"), JsonPropertyOrder(1)]
    public string? EndpointSlicesExportMode { get; init; }

    /// <summary>The source is itself a mirror.</summary>
    [JsonPropertyName("kvstoremesh"), JsonPropertyOrder(2)]
    public bool KvStoreMesh { get; init; }

    /// <summary>A config is needed before anything is read.</summary>
    [JsonPropertyName("required"), JsonPropertyOrder(3)]
    public bool Required { get; init; }

    /// <summary>A config is known.</summary>
    [JsonPropertyName("retrieved"), JsonPropertyOrder(4)]
    public bool Retrieved { get; init; }

    /// <summary>MCS-API is on; null if the source does not know it.</summary>
    [JsonPropertyName("service-exports-enabled"), JsonPropertyOrder(5)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? ServiceExportsEnabled { get; init; }

    /// <summary>Canaries tell when a resource is complete.</summary>
    [JsonPropertyName("sync-canaries"), JsonPropertyOrder(6)]
    public bool SyncCanaries { get; init; }
}
