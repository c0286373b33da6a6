using System.Text.Json.Serialization;

namespace KvStoreMesh.NodeAgent.Status;

/// <summary>Everything that is written or read as JSON, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AgentStatus))]
[JsonSerializable(typeof(IReadOnlyList<ServiceStatus>))]
[JsonSerializable(typeof(IReadOnlyList<IdentityStatus>))]
[JsonSerializable(typeof(IReadOnlyList<NodeStatus>))]
[JsonSerializable(typeof(IReadOnlyList<EndpointStatus>))]
[JsonSerializable(typeof(IReadOnlyList<PolicyEntryStatus>))]
[JsonSerializable(typeof(PolicyStatus))]
[JsonSerializable(typeof(TraceStatus))]
[JsonSerializable(typeof(IReadOnlyList<WhyStatus>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, IReadOnlyList<string>>))]
internal sealed partial class StatusJson : JsonSerializerContext;
