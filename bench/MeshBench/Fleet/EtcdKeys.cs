using System.Text;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>Reads resource, cluster and name out of an etcd key of either layout.</summary>
internal static class EtcdKeys
{
    private static readonly (byte[] Prefix, ResourceKind Kind)[] Cached = [.. Kinds.Select(kind => (Bytes(ResourcePrefixes.Cache(kind) + "/"), kind))];
    private static readonly (byte[] Prefix, ResourceKind Kind)[] State = [.. Kinds.Select(kind => (Bytes(ResourcePrefixes.State(kind) + "/"), kind))];

    private static ResourceKind[] Kinds => [ResourceKind.Endpoints, ResourceKind.Nodes, ResourceKind.Identities, ResourceKind.Services];

    /// <summary>The key's number; -1 for a key that is no content.</summary>
    /// <param name="keys">Where numbers are given.</param>
    /// <param name="key">The whole key.</param>
    /// <param name="cluster">The cluster whose etcd it is; null in a mirror, whose keys name theirs.</param>
    public static int NumberOf(KeyTable keys, ReadOnlySpan<byte> key, string? cluster)
    {
        foreach (var (prefix, kind) in cluster is null ? Cached : State)
        {
            if (!key.StartsWith(prefix))
            {
                continue;
            }

            var rest = key[prefix.Length..];
            var owner = cluster;
            if (owner is null)
            {
                var slash = rest.IndexOf((byte)'/');
                if (slash < 0)
                {
                    return -1;
                }

                owner = Encoding.UTF8.GetString(rest[..slash]);
                rest = rest[(slash + 1)..];
            }

            var inner = (kind, cluster) switch
            {
                (ResourceKind.Identities, _) => Bytes("id/"),
                (ResourceKind.Endpoints, not null) => Bytes("default/"),
                (_, not null) => Bytes(cluster + "/"),
                _ => [],
            };
            return rest.StartsWith(inner) ? keys.NumberOf(kind, owner, rest[inner.Length..]) : -1;
        }

        return -1;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
