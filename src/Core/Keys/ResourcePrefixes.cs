namespace KvStoreMesh.Core.Keys;

/// <summary>Where Cilium keeps each resource, without cluster and trailing slash: also the names of the canaries.</summary>
public static class ResourcePrefixes
{
    /// <summary>The prefix in an etcd to which a cluster exports its own state, e.g. <c>cilium/state/nodes/v1</c>.</summary>
    public static string State(ResourceKind kind) => $"{CiliumKeys.State}{Segment(kind)}/v1";

    /// <summary>The prefix in an etcd that mirrors other clusters, e.g. <c>cilium/cache/nodes/v1</c>.</summary>
    public static string Cache(ResourceKind kind) => $"{CiliumKeys.Cache}{Segment(kind)}/v1";

    private static string Segment(ResourceKind kind) => kind switch
    {
        ResourceKind.Identities => "identities",
        ResourceKind.Nodes => "nodes",
        ResourceKind.Endpoints => "ip",
        ResourceKind.Services => "services",
        ResourceKind.EndpointSlices => "endpointslices",
        ResourceKind.ServiceExports => "serviceexports",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "has no prefix"),
    };
}
