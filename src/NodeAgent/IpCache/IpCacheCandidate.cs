using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.IpCache;

/// <summary>One claim on a prefix.</summary>
/// <param name="IsRemote">From another cluster than the local one.</param>
/// <param name="Source">What stands behind it.</param>
/// <param name="Cluster">The cluster.</param>
/// <param name="Key">The key's name within its resource.</param>
/// <param name="Entry">The row it wants.</param>
internal sealed record IpCacheCandidate(bool IsRemote, IpCacheSource Source, ClusterName Cluster, string Key, IpCacheEntry Entry)
    : IComparable<IpCacheCandidate>
{
    /// <summary>The next weaker claim on the same prefix; almost always null.</summary>
    public IpCacheCandidate? Next { get; set; }

    /// <summary>The same claimant, maybe with another entry.</summary>
    public bool HasSameOwner(IpCacheCandidate other) => Source == other.Source && Cluster == other.Cluster && Key == other.Key;

    /// <summary>
    /// Stronger first: local before remote, then the source, then the lower cluster name, then the lower key. Cilium lets the
    /// last writer win and loses the row when it withdraws; here the order of arrival does not matter, and a withdrawal brings
    /// the next claim back.
    /// </summary>
    public int CompareTo(IpCacheCandidate? other)
    {
        if (other is null)
        {
            return -1;
        }

        var order = IsRemote.CompareTo(other.IsRemote);
        order = order != 0 ? order : Source.CompareTo(other.Source);
        order = order != 0 ? order : Cluster.CompareTo(other.Cluster);
        return order != 0 ? order : string.CompareOrdinal(Key, other.Key);
    }
}
