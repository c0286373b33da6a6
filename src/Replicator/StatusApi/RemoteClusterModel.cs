using System.Text.Json.Serialization;

namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>One remote cluster as Cilium's <c>GET /v1/cluster</c> shows it; the order and the names are Cilium's.</summary>
internal sealed record RemoteClusterModel
{
    /// <summary>The cluster's own config.</summary>
    [JsonPropertyName("config"), JsonPropertyOrder(0)]
    public RemoteClusterConfigModel? Config { get; init; }

    /// <summary>There is a connection to its etcd.</summary>
    [JsonPropertyName("connected"), JsonPropertyOrder(1)]
    public bool Connected { get; init; }

    /// <summary>The last failure; always written, <c>0001-01-01T00:00:00.000Z</c> if there was none.</summary>
    [JsonPropertyName("last-failure"), JsonPropertyOrder(2), JsonConverter(typeof(GoTimestampConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public DateTimeOffset LastFailure { get; init; }

    /// <summary>The cluster's name.</summary>
    [JsonPropertyName("name"), JsonPropertyOrder(3)]
    public string? Name { get; init; }

    /// <summary>Endpoint slices known.</summary>
    [JsonPropertyName("num-endpoint-slices"), JsonPropertyOrder(4)]
    public long EndpointSlices { get; init; }

    /// <summary>Endpoint IPs known.</summary>
    [JsonPropertyName("num-endpoints"), JsonPropertyOrder(5)]
    public long Endpoints { get; init; }

    /// <summary>Connections lost or attempts failed since the start.</summary>
    [JsonPropertyName("num-failures"), JsonPropertyOrder(6)]
    public long Failures { get; init; }

    /// <summary>Identities known.</summary>
    [JsonPropertyName("num-identities"), JsonPropertyOrder(7)]
    public long Identities { get; init; }

    /// <summary>Nodes known.</summary>
    [JsonPropertyName("num-nodes"), JsonPropertyOrder(8)]
    public long Nodes { get; init; }

    /// <summary>MCS-API service exports known.</summary>
    [JsonPropertyName("num-service-exports"), JsonPropertyOrder(9)]
    public long ServiceExports { get; init; }

    /// <summary>Shared services known.</summary>
    [JsonPropertyName("num-shared-services"), JsonPropertyOrder(10)]
    public long SharedServices { get; init; }

    /// <summary>Live, and every resource it offers is complete.</summary>
    [JsonPropertyName("ready"), JsonPropertyOrder(11)]
    public bool Ready { get; init; }

    /// <summary>In words: the connection, or what is wrong with it.</summary>
    [JsonPropertyName("status"), JsonPropertyOrder(12)]
    public string? Status { get; init; }

    /// <summary>What is complete.</summary>
    [JsonPropertyName("synced"), JsonPropertyOrder(13)]
    public RemoteClusterSyncedModel? Synced { get; init; }
}
