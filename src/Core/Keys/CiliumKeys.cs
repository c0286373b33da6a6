using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Core.Keys;

/// <summary>Cilium's keys that are the same for every layout.</summary>
public static class CiliumKeys
{
    /// <summary>Touched by the exporter once a minute.</summary>
    public const string Heartbeat = "cilium/.heartbeat";

    /// <summary>The prefix of everything a cluster exports of itself.</summary>
    public const string State = "cilium/state/";

    /// <summary>The prefix of everything that is a mirror of another cluster.</summary>
    public const string Cache = "cilium/cache/";

    /// <summary>The exact key of a cluster's config; a reader has no permission on the prefix.</summary>
    public static string ClusterConfig(ClusterName cluster) => $"cilium/cluster-config/{cluster}";

    /// <summary>The prefix of a cluster's canaries, with the slash at which the permission ends.</summary>
    public static string Canaries(ClusterName cluster) => $"cilium/synced/{cluster}/";
}
