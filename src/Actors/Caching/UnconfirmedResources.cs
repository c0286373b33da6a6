using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Caching;

/// <summary>
/// Keeps from the mirror in the local etcd what was restored and not yet confirmed by its source: the local etcd may know better, since it
/// was written until the very end of the last run, and a key that had been deleted there must not come back. Pure; one thread.
/// </summary>
internal sealed class UnconfirmedResources
{
    private readonly Dictionary<ClusterName, HashSet<ResourceKind>> _unconfirmed = [];

    /// <summary>All of the cluster has come from the store.</summary>
    public void Hold(ClusterName cluster) => _unconfirmed[cluster] = [.. Enum.GetValues<ResourceKind>()];

    /// <summary>The cluster is gone.</summary>
    public void Forget(ClusterName cluster) => _unconfirmed.Remove(cluster);

    /// <summary>
    /// What the mirror is to be told of a group that has been applied: of a resource that the source confirms with it everything, of one
    /// that it has not confirmed nothing.
    /// </summary>
    /// <param name="delta">The group.</param>
    /// <param name="content">Everything the cache holds of the cluster, the group included; asked for only if it is needed.</param>
    public ClusterDelta Confirm(ClusterDelta delta, Func<IReadOnlyList<MeshChange>> content)
    {
        if (!_unconfirmed.TryGetValue(delta.Cluster, out var held))
        {
            return delta;
        }

        HashSet<ResourceKind> confirmed = [.. delta.NewlySynced.Where(held.Contains)];
        if (confirmed.Count > 0 && held.Contains(ResourceKind.ClusterConfig))
        {
            confirmed.Add(ResourceKind.ClusterConfig);
        }

        // Deletions first: what the content has is newer than they are.
        List<MeshChange> changes = [.. delta.Changes.Where(change => confirmed.Contains(change.Key.Kind) ? change.IsDelete : !held.Contains(change.Key.Kind))];
        if (confirmed.Count > 0)
        {
            changes.AddRange(content().Where(entry => confirmed.Contains(entry.Key.Kind)));
            held.ExceptWith(confirmed);
            if (held.Count == 0)
            {
                _unconfirmed.Remove(delta.Cluster);
            }
        }

        return delta with { Changes = changes };
    }
}
