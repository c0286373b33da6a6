namespace KvStoreMesh.NodeAgent.LocalApi;

/// <summary>What the local socket answers, over HTTP/1.1.</summary>
internal static class LocalApiPaths
{
    public const string Status = "/v1/status";

    public const string Services = "/v1/services";

    public const string Identities = "/v1/identities";

    public const string Nodes = "/v1/nodes";

    public const string Endpoints = "/v1/endpoints";

    public const string Policy = "/v1/policy";

    /// <summary>With <c>src</c>, <c>dst</c> and <c>dport</c>.</summary>
    public const string PolicyTrace = "/v1/policy/trace";

    /// <summary>A line of JSON for each dropped packet, as it happens.</summary>
    public const string Monitor = "/v1/monitor";

    public const string Why = "/v1/services/why";
}
