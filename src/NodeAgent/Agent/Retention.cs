using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.Desired;
using KvStoreMesh.NodeAgent.IpCache;
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
    private bool _loadBalancerReleased;
    private bool _ipCacheReleased;
    private bool _frontendsReleased;
    private bool _timedOut;

    /// <summary>After any event.</summary>
    public void Review(MeshReplica replica, ClusterName? localCluster)
    {
        if (_ipCacheReleased && _loadBalancerReleased)
        {
            return;
        }

        var all = SyncGate.AllComplete(replica);
        var local = SyncGate.IsComplete(replica, localCluster);
        if (!_ipCacheReleased && all)
        {
            _ipCacheReleased = true;
            ipCache.ReleaseRetained(_ => true);
        }

        if (!_loadBalancerReleased && local && all)
        {
            _loadBalancerReleased = true;
            loadBalancer.ReleaseRetained(frontendsOnly: false);
            AgentLog.Synced(logger, "every cluster");
        }
        else if (!_frontendsReleased && local && _timedOut)
        {
            _frontendsReleased = true;
            loadBalancer.ReleaseRetained(frontendsOnly: true);
            AgentLog.Synced(logger, "the local cluster");
        }
    }

    /// <summary>The wait is over.</summary>
    public void TimeOut(MeshReplica replica, ClusterName? localCluster, DesiredState desired)
    {
        if (_ipCacheReleased && _loadBalancerReleased)
        {
            return;
        }

        _timedOut = true;
        var missing = string.Join(", ", SyncGate.Incomplete(replica));
        AgentLog.SyncTimedOut(
            logger,
            missing.Length > 0 ? missing : "every cluster (no daemon has been reached)",
            loadBalancer.RetainedFrontends,
            ipCache.Retained);
        List<IdentityRange> complete = [];
        foreach (var cluster in replica.Clusters.Where(SyncGate.IsComplete))
        {
            var standing = desired.StandingOf(cluster.Name);
            if (standing.IsUsable && IdentityRange.TryCreate(standing.Id, standing.MaxConnectedClusters, out var range, out _))
            {
                complete.Add(range);
            }
        }

        ipCache.ReleaseRetained(entry => complete.Exists(range => range.Contains(entry.Identity)));
        Review(replica, localCluster);
    }
}
