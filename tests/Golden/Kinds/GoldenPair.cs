namespace KvStoreMesh.Golden.Kinds;

/// <summary>A key of etcd and its bytes.</summary>
internal sealed record GoldenPair(string Key, byte[] Value)
{
    public bool IsConfig => Key.StartsWith("cilium/cluster-config/", StringComparison.Ordinal);

    public bool IsCanary => Key.StartsWith("cilium/synced/", StringComparison.Ordinal);

    /// <summary>The cluster that the key names; null for those of identities and IPs in a cluster's own state.</summary>
    public string? Cluster => Key.Split('/') switch
    {
        [_, "cluster-config" or "synced", var cluster, ..] => cluster,
        [_, "state", "identities" or "ip", ..] => null,
        [_, "state" or "cache", _, _, var cluster, ..] => cluster,
        _ => null,
    };

    /// <summary>Where a KVStoreMesh puts it, by the tables of Cilium's key names; null for what is not mirrored.</summary>
    public static string? Mirrored(string key, string cluster) => key.Split('/', 6) switch
    {
        ["cilium", "state", "identities", "v1", "id", var id] => $"cilium/cache/identities/v1/{cluster}/id/{id}",
        ["cilium", "state", "ip", "v1", "default", var ip] => $"cilium/cache/ip/v1/{cluster}/{ip}",
        ["cilium", "state", "nodes" or "services" or "endpointslices" or "serviceexports", "v1", var owner, var name] when owner == cluster =>
            $"cilium/cache/{key.Split('/')[2]}/v1/{cluster}/{name}",
        ["cilium", "cache", "identities", "v1", var owner, var name] when owner == cluster =>
            name.StartsWith("id/", StringComparison.Ordinal) ? key : null,
        ["cilium", "cache", _, "v1", var owner, _] when owner == cluster => key,
        _ => null,
    };
}
