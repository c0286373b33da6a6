using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Metrics;

/// <summary>The agent's status as metrics: what alerts and dashboards need of what <c>node-agent status</c> shows. Pure.</summary>
internal static class AgentMetrics
{
    private static readonly string[] States = ["live", "syncing", "connecting", "stale", "unknown", "unannounced"];

    /// <summary>All of them.</summary>
    public static string Of(AgentStatus status, ProcessSample process)
    {
        var text = new MetricsText();
        Subscription(text, status);
        Datapath(text, status.Datapath);
        Clusters(text, status.Clusters);
        text.Gauge("kvstoremesh_agent_frontends", "Merged services with a frontend").Sample(status.Frontends);
        text.Gauge("kvstoremesh_agent_ipcache_conflicts", "Prefixes that more than one node or endpoint claims").Sample(status.IpCacheConflicts);
        text.Counter("process_cpu_seconds_total", "Processor time used").Sample(process.CpuSeconds);
        text.Gauge("process_resident_memory_bytes", "Memory in RAM").Sample(process.ResidentBytes);
        text.Gauge("kvstoremesh_agent_managed_bytes", "Memory of the garbage collector's heap").Sample(process.ManagedBytes);
        text.Gauge("process_open_fds", "Open file descriptors").Sample(process.OpenFiles);
        return text.ToString();
    }

    private static void Subscription(MetricsText text, AgentStatus status)
    {
        if (status.Subscription is not { } subscription)
        {
            return;
        }

        text.Gauge("kvstoremesh_agent_connected", "1 if there is a session with the daemon").Sample(subscription.State == "connected" ? 1 : 0);
        text.Counter("kvstoremesh_agent_sessions_total", "Sessions opened with the daemon").Sample(subscription.Sessions);
        text.Gauge("kvstoremesh_agent_connect_failures", "Attempts that failed since the last session").Sample(subscription.Failures);
        text.Gauge("kvstoremesh_agent_applied_seq", "Everything up to it is in the datapath").Sample(subscription.AppliedSeq);
        text.Gauge("kvstoremesh_agent_apply_seconds", "From the arrival of the last frame to its being applied").Sample(subscription.ApplyMs / 1000);
        if (subscription.SilentMs is { } silent)
        {
            text.Gauge("kvstoremesh_agent_silent_seconds", "Since the last frame arrived").Sample(silent / 1000);
        }
    }

    private static void Datapath(MetricsText text, DatapathStatus datapath)
    {
        text.Gauge("kvstoremesh_agent_datapath_healthy", "1 if the datapath is as it should be").Sample(datapath.Error is null ? 1 : 0);
        text.Counter("kvstoremesh_agent_datapath_failures_total", "Attempts to write to the datapath that failed").Sample(datapath.Failures);
        text.Gauge("kvstoremesh_agent_datapath_pending", "Services and rows that are not as they should be").Sample(datapath.Pending);
        text.Gauge("kvstoremesh_agent_datapath_retained", "Services and rows found in pinned maps that nobody has named yet")
            .Sample(datapath.RetainedServices + datapath.RetainedRows);
        text.Gauge("kvstoremesh_agent_map_entries", "Entries of a map");
        foreach (var map in datapath.Maps)
        {
            text.Sample(map.Entries, ("map", map.Name));
        }

        text.Gauge("kvstoremesh_agent_map_max_entries", "The most entries that a map takes");
        foreach (var map in datapath.Maps)
        {
            text.Sample(map.MaxEntries, ("map", map.Name));
        }
    }

    private static void Clusters(MetricsText text, IReadOnlyList<ClusterStatus> clusters)
    {
        text.Gauge("kvstoremesh_agent_cluster_state", "1 for the state that a cluster's source is in, as the daemon says");
        foreach (var cluster in clusters)
        {
            foreach (var state in States)
            {
                text.Sample(cluster.State == state ? 1 : 0, ("target_cluster", cluster.Name), ("state", state));
            }
        }

        Each("kvstoremesh_agent_cluster_age_seconds", "Since the source last proved that the daemon is up to date", cluster => cluster.AgeMs / 1000);
        Each("kvstoremesh_agent_cluster_keys", "Keys held of a cluster", cluster => cluster.Keys);
        Each("kvstoremesh_agent_cluster_nodes", "Nodes held of a cluster", cluster => cluster.Nodes);
        Each("kvstoremesh_agent_cluster_endpoints", "Endpoint addresses held of a cluster", cluster => cluster.Endpoints);
        Each("kvstoremesh_agent_cluster_services", "Services held of a cluster", cluster => cluster.Services);
        Each("kvstoremesh_agent_cluster_invalid", "Values of a cluster that cannot be used", cluster => cluster.Invalid);

        void Each(string name, string help, Func<ClusterStatus, double> value)
        {
            text.Gauge(name, help);
            foreach (var cluster in clusters)
            {
                text.Sample(value(cluster), ("target_cluster", cluster.Name));
            }
        }
    }
}
