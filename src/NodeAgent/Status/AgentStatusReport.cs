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
            SkippedIpv6 = desired.Services.SkippedIpv6,
            IpCacheConflicts = desired.IpCache.Conflicts,
            Datapath = new DatapathStatus
            {
                Description = datapath.Description,
                Error = health.Error,
                LastError = health.LastError,
                Failures = health.Failures,
                Pending = loadBalancer.Pending + ipCache.Pending,
                RetainedServices = loadBalancer.RetainedFrontends,
                RetainedRows = ipCache.Retained,
                Maps =
                [
                    new("cilium_lb4_services_v2", loadBalancer.Known.SlotCount, datapath.Limits.Services),
                    new("cilium_lb4_backends_v3", loadBalancer.Known.Backends.Count, datapath.Limits.Backends),
                    new("cilium_lb4_reverse_nat", loadBalancer.Known.ReverseNat.Count, datapath.Limits.ReverseNat),
                    new("cilium_ipcache_v2", ipCache.Known.Count, datapath.Limits.IpCache),
                ],
            },
        };

    public static IReadOnlyList<ServiceStatus> Services(ServiceTable table, LoadBalancerReconciler loadBalancer) =>
    [
        .. table.Frontends.Select(frontend => Service(frontend, table, loadBalancer))
            .OrderBy(service => service.Id).ThenBy(service => service.Frontend, StringComparer.Ordinal),
    ];

    private static ServiceStatus Service(L3n4Addr frontend, ServiceTable table, LoadBalancerReconciler loadBalancer)
    {
        var known = loadBalancer.Known;
        var slots = known.SlotsOf(new ServiceFrontend(frontend));
        return new(
            loadBalancer.ServiceIdOf(frontend),
            frontend.ToString(),
            table.Find(frontend)?.Service ?? string.Empty,
            [
                .. (slots ?? []).Where(slot => slot.Key > 0).Select(slot => known.Backends.TryGetValue(slot.Value.BackendId, out var backend)
                    ? $"{backend.Address}"
                    : $"backend {slot.Value.BackendId} not found"),
            ]);
    }

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
