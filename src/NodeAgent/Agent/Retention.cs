using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.Desired;
using KvStoreMesh.NodeAgent.Identities;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.Kubernetes;
using KvStoreMesh.NodeAgent.LoadBalancing;
using KvStoreMesh.NodeAgent.Replica;

namespace KvStoreMesh.NodeAgent.Agent;

/// <summary>
/// Decides when entries that were found in pinned maps, and that nobody has named since, may go.
/// </summary>
/// <remarks>
/// Frontends: once the local cluster, from which they all come, is complete together with the others; backends and
/// rows: once every announced cluster is. After the sync timeout the frontends go without waiting for the others, and rows whose
/// identity shows that they belonged to a complete cluster. The rest stays, since the cluster that is missing may well
/// be its owner, until it comes.
/// </remarks>
internal sealed class Retention(LoadBalancerReconciler loadBalancer, IpCacheReconciler ipCache, ILogger logger)
{
    private readonly HashSet<ClusterName> _complete = [];
    private bool _loadBalancerReleased;
    private bool _frontendsReleased;
    private bool _ipCacheReleased;
    private bool _timedOut;

    /// <summary>What the maps held at the start and nobody named has gone: what is not offered now is withdrawn.</summary>
    public bool IsLoadBalancerSettled => _loadBalancerReleased;

    private bool IsOver => _ipCacheReleased && _loadBalancerReleased;

    /// <summary>After any event.</summary>
    /// <param name="replica">What is held of each cluster.</param>
    /// <param name="localCluster">The own cluster, if it is known.</param>
    /// <param name="desired">What follows from it.</param>
    /// <param name="manifests">The own cluster's services from manifests; null if they come from its store alone.</param>
    public void Review(MeshReplica replica, ClusterName? localCluster, DesiredState desired, KubernetesServices? manifests = null)
    {
        if (IsOver)
        {
            return;
        }

        var all = SyncGate.AllComplete(replica);
        ReviewIpCache(replica, desired, all);
        ReviewLoadBalancer(HasFrontends(replica, localCluster, manifests), all);
    }

    /// <summary>The wait is over; takes effect with the next review.</summary>
    public void TimeOut(MeshReplica replica)
    {
        if (IsOver)
        {
            return;
        }

        _timedOut = true;
        var missing = string.Join(", ", SyncGate.Incomplete(replica));
        AgentLog.SyncTimedOut(
            logger, missing.Length > 0 ? missing : "a daemon that names clusters", loadBalancer.RetainedFrontends, ipCache.Retained);
    }

    private void ReviewIpCache(MeshReplica replica, DesiredState desired, bool all)
    {
        if (all && !_ipCacheReleased)
        {
            _ipCacheReleased = true;

            // Rows of this node's own identities belong to no cluster: policy says when they go.
            ipCache.ReleaseRetained(entry => !SecurityIdentity.IsLocal(entry.Identity));
        }
        else if (_timedOut && !_ipCacheReleased)
        {
            List<IdentityRange> ranges = [];
            foreach (var cluster in replica.Clusters.Where(SyncGate.IsComplete))
            {
                var standing = desired.StandingOf(cluster.Name);
                if (standing.IsUsable
                    && IdentityRange.TryCreate(standing.Id, standing.MaxConnectedClusters, out var range, out _)
                    && _complete.Add(cluster.Name))
                {
                    ranges.Add(range);
                }
            }

            if (ranges.Count > 0)
            {
                ipCache.ReleaseRetained(entry => ranges.Exists(range => range.Contains(entry.Identity)));
            }
        }
    }

    /// <summary>Whoever tells of frontends has told all it has: the manifests, and the own cluster's store if the daemon reads it.</summary>
    private static bool HasFrontends(MeshReplica replica, ClusterName? localCluster, KubernetesServices? manifests) => manifests is null
        ? SyncGate.IsComplete(replica, localCluster)
        : !manifests.IsIncomplete
            && !(localCluster is { } name && replica.TryGet(name, out var local) && local.IsAnnounced && !SyncGate.IsComplete(local));

    private void ReviewLoadBalancer(bool local, bool all)
    {
        if (local && all && !_loadBalancerReleased)
        {
            _loadBalancerReleased = true;
            loadBalancer.ReleaseRetained(frontendsOnly: false);
            AgentLog.Synced(logger, "every cluster");
        }
        else if (local && _timedOut && !_frontendsReleased)
        {
            _frontendsReleased = true;
            loadBalancer.ReleaseRetained(frontendsOnly: true);
            AgentLog.Synced(logger, "the local cluster");
        }
    }
}
