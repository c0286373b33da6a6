namespace KvStoreMesh.NodeAgent.LocalApi;

/// <summary>What the local socket answers, over HTTP/1.1.</summary>
internal static class LocalApiPaths
{
    public const string Status = "/v1/status";

    public const string Services = "/v1/services";

    public const string Why = "/v1/services/why";
}
