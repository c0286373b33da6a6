using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Sinks;

/// <summary>Where the mirror of a cluster lives in the local etcd.</summary>
/// <remarks>
/// The cluster's name is in every prefix, followed by a slash, so that <c>foo</c> never touches <c>foobar</c>. Of
/// identities only <c>id/</c> is mirrored. (Cilium: pkg/clustermesh/kvstoremesh/reflector/cell.go)
/// </remarks>
public static class SinkKeys
{
    /// <summary>The prefix of all cluster configs, also of the local cluster's own, which is never ours.</summary>
    public const string ClusterConfigs = "cilium/cluster-config/";

    /// <summary>The prefix of the keys that contend for the lead, with its slash. (Cilium: clustermesh-apiserver/kvstoremesh/root.go)</summary>
    public const string Locks = "cilium/kvstoremesh-lock/";

    /// <summary>The mirrored resources in the order in which a removed cluster loses them: Cilium's, by reflector name.</summary>
    public static IReadOnlyList<ResourceKind> Resources { get; } =
    [
        ResourceKind.EndpointSlices, ResourceKind.Endpoints, ResourceKind.Identities,
        ResourceKind.Nodes, ResourceKind.ServiceExports, ResourceKind.Services,
    ];

    /// <summary>The key of one who contends for the lead; as etcd's own Mutex of Go names it.</summary>
    public static string Lock(long lease) => $"{Locks}{lease:x}";

    /// <summary>The key of a mirrored entry, or of the config's copy.</summary>
    public static string Of(ClusterName cluster, MeshKey key) => key.Kind == ResourceKind.ClusterConfig
        ? CiliumKeys.ClusterConfig(cluster)
        : string.Concat(Prefix(cluster, key.Kind), key.Name);

    /// <summary>The prefix of a resource's entries, with its slash.</summary>
    public static string Prefix(ClusterName cluster, ResourceKind kind) =>
        kind == ResourceKind.Identities ? $"{ResourcePrefixes.Cache(kind)}/{cluster}/id/" : $"{ResourcePrefixes.Cache(kind)}/{cluster}/";

    /// <summary>The key that says that a resource is complete.</summary>
    public static string Canary(ClusterName cluster, ResourceKind kind) => CiliumKeys.Canaries(cluster) + ResourcePrefixes.Cache(kind);

    /// <summary>Its entries disappear when the cache's time to live runs out. (Cilium: services and everything MCS)</summary>
    public static bool IsRevocable(ResourceKind kind) =>
        kind is ResourceKind.Services or ResourceKind.EndpointSlices or ResourceKind.ServiceExports;

    /// <summary>Everything that the mirror of one cluster consists of: config, canaries, then each resource.</summary>
    public static IReadOnlyList<SourceRange> Ranges(ClusterName cluster) =>
    [
        SourceRange.Exactly(CiliumKeys.ClusterConfig(cluster)),
        SourceRange.Prefix(CiliumKeys.Canaries(cluster)),
        .. Resources.Select(kind => SourceRange.Prefix(Prefix(cluster, kind))),
    ];
}
