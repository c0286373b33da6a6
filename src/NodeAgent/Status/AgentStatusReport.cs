using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Agent;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Desired;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.LoadBalancing;
using KvStoreMesh.NodeAgent.Replica;
using KvStoreMesh.NodeAgent.Services;
using KvStoreMesh.NodeAgent.Subscription;

namespace KvStoreMesh.NodeAgent.Status;

/// <summary>Copies what status shows out of the live state. Called by the apply loop.</summary>
internal static class AgentStatusReport
{
    public static AgentStatus Make(
        string nodeName,
        ClusterName? localCluster,
        MeshReplica replica,
        DesiredState desired,
        IDatapath datapath,
        LoadBalancerReconciler loadBalancer,
        IpCacheReconciler ipCache,
        DatapathHealth health) => new()
        {
            NodeName = nodeName,
            LocalCluster = localCluster?.Value,
            Clusters = [.. replica.Clusters.Select(cluster => Cluster(cluster, desired))],
            Frontends = desired.Services.Frontends.Count,
            GlobalServices = desired.Services.GlobalCount,
            ContestedFrontends = [.. desired.Services.Contested.Select(Contested)],
            IpCacheConflicts = desired.IpCache.Conflicts,
            Datapath = new DatapathStatus
            {
                Description = datapath.Description,
                Error = health.Error ?? health.Attachment,
                LastError = health.LastError,
                Failures = health.Failures,
                Pending = loadBalancer.Pending + ipCache.Pending,
                RetainedServices = loadBalancer.RetainedFrontends,
                RetainedRows = ipCache.Retained,
                Maps = Maps(loadBalancer.Known, ipCache.Known.Count, datapath.Limits),
            },
        };

    private static IReadOnlyList<MapStatus> Maps(LoadBalancerContents held, int rows, DatapathLimits limits) =>
    [
        new("cilium_lb4_services_v2", held.SlotCount - held.SlotCount6, limits.Services),
        new("cilium_lb4_backends_v3", held.Backends.Count - held.BackendCount6, limits.Backends),
        new("cilium_lb4_reverse_nat", held.ReverseNat.Count - held.ReverseNatCount6, limits.ReverseNat),
        new("cilium_lb6_services_v2", held.SlotCount6, limits.Services),
        new("cilium_lb6_backends_v3", held.BackendCount6, limits.Backends),
        new("cilium_lb6_reverse_nat", held.ReverseNatCount6, limits.ReverseNat),
        new("cilium_lb_affinity_match", held.MatchCount, limits.Affinity),
        new("cilium_ipcache_v2", rows, limits.IpCache),
    ];

    private static string Contested((L3n4Addr Frontend, IReadOnlyCollection<string> Services) contested) =>
        $"{contested.Frontend} is {contested.Services.First()}'s; not there for {string.Join(", ", contested.Services.Skip(1))}, which claim it too";

    private static ClusterStatus Cluster(ClusterReplica cluster, DesiredState desired)
    {
        var standing = desired.StandingOf(cluster.Name);
        var invalid = desired.Invalid.Where(value => value.Cluster == cluster.Name).ToList();
        return new ClusterStatus
        {
            Name = cluster.Name.Value,
            Id = standing.Id,
            State = cluster.IsAnnounced ? StateName(cluster.Health) : "unannounced",
            AgeMs = Math.Round(cluster.Age.TotalMilliseconds),
            Revision = cluster.Revision,
            Ready = SyncGate.IsComplete(cluster),
            Synced = [.. cluster.Synced.Order().Select(ResourceName)],
            Keys = cluster.Count,
            Nodes = cluster.CountOf(ResourceKind.Nodes),
            Endpoints = cluster.CountOf(ResourceKind.Endpoints),
            Identities = cluster.CountOf(ResourceKind.Identities),
            Services = cluster.CountOf(ResourceKind.Services),
            Invalid = invalid.Count,
            LastInvalid = invalid.Count == 0 ? null : $"{invalid[^1].Key}: {invalid[^1].Reason}",
            Problem = standing.Problem,
        };
    }

    private static string StateName(SourceHealth health) => health switch
    {
        SourceHealth.Connecting => "connecting",
        SourceHealth.Syncing => "syncing",
        SourceHealth.Live => "live",
        SourceHealth.Stale => "stale",
        _ => "unknown",
    };

    private static string ResourceName(ResourceKind kind) => kind switch
    {
        ResourceKind.ClusterConfig => "config",
        ResourceKind.Identities => "identities",
        ResourceKind.Nodes => "nodes",
        ResourceKind.Endpoints => "endpoints",
        ResourceKind.Services => "services",
        ResourceKind.EndpointSlices => "endpointslices",
        ResourceKind.ServiceExports => "serviceexports",
        _ => kind.ToString(),
    };
}
