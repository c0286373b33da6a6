using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Clusters;

/// <summary>
/// The configs of all clusters, and who may use which id (Cilium: pkg/clustermesh/idsmgr.go, types.CiliumClusterConfig).
/// </summary>
/// <remarks>
/// An id belongs to the local cluster, then to who claimed it first; another claimant is not usable until the owner
/// lets go, and never disturbs the owner. A config that does not parse, or whose numbers cannot be, leaves the previous
/// one in force.
/// Pure; not thread-safe: owned by the apply loop.
/// </remarks>
public sealed class ClusterDirectory
{
    private readonly Dictionary<ClusterName, Claim> _claims = [];
    private readonly ClusterName? _localCluster;
    private long _order;

    /// <summary>Creates an empty directory.</summary>
    /// <param name="localCluster">The local cluster, whose id nobody else may have.</param>
    public ClusterDirectory(ClusterName? localCluster) => _localCluster = localCluster;

    /// <summary>How a cluster stands.</summary>
    public ClusterStanding Get(ClusterName cluster) =>
        _claims.TryGetValue(cluster, out var claim) ? claim.Standing : ClusterStanding.Unknown;

    /// <summary>Takes a cluster's config; returns the clusters that now stand differently.</summary>
    public IReadOnlyList<ClusterName> Upsert(ClusterName cluster, CiliumClusterConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var max = MaxOf(config);
        if (_claims.TryGetValue(cluster, out var known) && known.Id == config.Id)
        {
            known.Max = max;
        }
        else
        {
            _claims[cluster] = new Claim(config.Id, max, ++_order) { Standing = known?.Standing ?? ClusterStanding.Unknown };
        }

        return Judge();
    }

    /// <summary>What a config says that no cluster can be; null if nothing.</summary>
    public string? ProblemOf(ClusterName cluster, CiliumClusterConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return ProblemOf(cluster, config.Id, MaxOf(config));
    }

    /// <summary>Forgets a cluster; returns the others that now stand differently.</summary>
    public IReadOnlyList<ClusterName> Remove(ClusterName cluster) => _claims.Remove(cluster) ? Judge() : [];

    private List<ClusterName> Judge()
    {
        List<ClusterName> changed = [];
        Dictionary<uint, ClusterName> owners = [];
        foreach (var (name, claim) in _claims.OrderBy(pair => pair.Key == _localCluster ? 0 : pair.Value.Order))
        {
            var standing = new ClusterStanding(claim.Id, claim.Max, ProblemOf(name, claim, owners));
            if (standing.IsUsable)
            {
                owners.Add(claim.Id, name);
            }

            if (standing != claim.Standing)
            {
                claim.Standing = standing;
                changed.Add(name);
            }
        }

        return changed;
    }

    private static uint MaxOf(CiliumClusterConfig config) =>
        config.Capabilities.MaxConnectedClusters is 0 ? 255 : config.Capabilities.MaxConnectedClusters;

    private string? ProblemOf(ClusterName name, uint id, uint max)
    {
        if (max is not (255 or 511))
        {
            return $"maxConnectedClusters is {max}, it must be 255 or 511";
        }

        // A cluster without a mesh has the id 0; only the local one may.
        return (id == 0 && name != _localCluster) || id > max ? $"its cluster id is {id}, it must be from 1 to {max}" : null;
    }

    private string? ProblemOf(ClusterName name, Claim claim, Dictionary<uint, ClusterName> owners)
    {
        if (ProblemOf(name, claim.Id, claim.Max) is { } problem)
        {
            return problem;
        }

        return owners.TryGetValue(claim.Id, out var owner) ? $"its cluster id {claim.Id} is already used by cluster {owner}" : null;
    }

    private sealed class Claim(uint id, uint max, long order)
    {
        public uint Id { get; } = id;

        public uint Max { get; set; } = max;

        public long Order { get; } = order;

        public ClusterStanding Standing { get; set; } = ClusterStanding.Unknown;
    }
}
