using System.Text.Json.Serialization;

namespace KvStoreMesh.NodeAgent.Status;

/// <summary>What the monitor tells, one line each.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower)]
[JsonSerializable(typeof(DropStatus))]
internal sealed partial class MonitorJson : JsonSerializerContext;
