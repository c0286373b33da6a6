using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.Policy;

namespace KvStoreMesh.NodeAgent.Endpoints;

/// <summary>An endpoint of this node, as its file describes it.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name within it.</param>
/// <param name="Labels">Its labels; without those that say namespace and cluster, unless the file does.</param>
/// <param name="Ips">Its addresses.</param>
/// <param name="Interface">The host's side of its interface; null if it has a cgroup.</param>
/// <param name="Cgroup">Its cgroup2 directory; null if it has an interface.</param>
/// <param name="Id">The number it wants; null: any.</param>
public sealed record LocalEndpoint(
    string Namespace,
    string Name,
    IReadOnlyList<IdentityLabel> Labels,
    IReadOnlyList<IpPrefix> Ips,
    string? Interface,
    string? Cgroup,
    ushort? Id)
{
    /// <summary><c>namespace/name</c>.</summary>
    public string FullName => $"{Namespace}/{Name}";

    /// <summary>All labels, by key: those of the file, and where it does not say otherwise namespace and cluster.</summary>
    public IReadOnlyList<IdentityLabel> SecurityLabels(ClusterName? localCluster)
    {
        List<IdentityLabel> labels = [.. Labels];
        Add(LabelKey.Namespace, Namespace);
        Add(IdentityLabels.ClusterKey, localCluster?.Value);
        return [.. labels.OrderBy(label => label.Key, StringComparer.Ordinal)];

        void Add(string key, string? value)
        {
            if (value is not null && !labels.Exists(label => label.Key == key))
            {
                labels.Add(new(IdentityLabel.Kubernetes, key, value));
            }
        }
    }
}
