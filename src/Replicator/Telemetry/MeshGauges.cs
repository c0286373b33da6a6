using System.Diagnostics.Metrics;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Replicator.ClusterConfigs;

namespace KvStoreMesh.Replicator.Telemetry;

/// <summary>
/// The state of sources and cache as gauges, read when scraped. Cilium's names where Cilium has the metric, with its
/// namespace <c>cilium_kvstoremesh_</c>, so that its dashboards and alerts keep working. Labels name clusters only.
/// </summary>
internal sealed class MeshGauges
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "KvStoreMesh.Mesh";

    private readonly MeshStatusBoard _board;
    private readonly MeshCache _cache;
    private readonly TimeProvider _time;

    /// <summary>Creates the instruments.</summary>
    public MeshGauges(IMeterFactory meters, MeshStatusBoard board, MeshCache cache, ClusterConfigBoard configs, TimeProvider time)
    {
        (_board, _cache, _time) = (board, cache, time);
        var meter = meters.Create(MeterName);

        Gauge("cilium_kvstoremesh_remote_clusters", "Remote clusters configured", () => Remote().Count());
        PerRemote("readiness_status", "1 if the remote cluster is ready", status => status.IsReady ? 1 : 0);
        PerRemote("failures", "Connections lost or attempts failed", status => status.Failures);
        PerRemote("last_failure_ts", "Unix time of the last failure, 0 if none", LastFailure);

        Gauge("kvstoremesh_source_connections", "Open connections to sources", () => All().Count(IsConnected));
        Gauge("kvstoremesh_source_watches", "Open watches at sources", () => All().Sum(status => status.Watches));
        meter.CreateObservableGauge(
            "kvstoremesh_source_over_quota", OverQuota, description: "1 if the source has more than its quota, so that what is held stands still");
        meter.CreateObservableGauge(
            "kvstoremesh_source_age_seconds", Ages, description: "Since the source last proved that the data is current");
        meter.CreateObservableCounter(
            "kvstoremesh_drift", Drift, description: "Keys that a comparison with the source found to differ, and that were repaired");
        PerCluster("kvstoremesh_cluster_keys", "Keys held of a cluster", view => view.Keys);
        PerCluster("kvstoremesh_cluster_bytes", "Bytes held of a cluster, names and values", view => view.Bytes);
        Gauge("kvstoremesh_head_seq", "The last published sequence number", () => cache.Head);
        Gauge("kvstoremesh_horizon_seq", "The sequence number below which a snapshot is needed", () => cache.Horizon);
        Gauge("kvstoremesh_configuration_problems", "Configuration files to look at", () => configs.Problems.Length);

        void Gauge(string name, string description, Func<long> read) =>
            meter.CreateObservableGauge(name, read, description: description);

        void PerRemote(string name, string description, Func<RemoteClusterStatus, long> read) => meter.CreateObservableGauge(
            $"cilium_kvstoremesh_remote_cluster_{name}",
            () => Remote().Select(status => Of(read(status), status.Definition.Cluster.Value)),
            description: description);

        void PerCluster(string name, string description, Func<MeshClusterView, long> read) => meter.CreateObservableGauge(
            name, () => _cache.Clusters.Select(view => Of(read(view), view.Cluster.Value)), description: description);
    }

    private static long LastFailure(RemoteClusterStatus status) => status.LastFailure?.ToUnixTimeSeconds() ?? 0;

    private static bool IsConnected(RemoteClusterStatus status) => status.EtcdClusterId is not null;

    private IEnumerable<Measurement<double>> Ages() => All()
        .Where(status => status.LastProof is not null)
        .Select(status => Of((_time.GetUtcNow() - status.LastProof!.Value).TotalSeconds, status.Definition.Cluster.Value));

    // Zero too: an alert on an increase has to see the first one.
    private IEnumerable<Measurement<long>> Drift() =>
        from status in All()
        from kind in status.Resources
        select new Measurement<long>(
            status.Drift.GetValueOrDefault(kind),
            new("target_cluster", status.Definition.Cluster.Value),
            new("resource", kind.ToString()));

    private IEnumerable<Measurement<long>> OverQuota() =>
        Remote().Select(status => Of(status.Excess is null ? 0L : 1L, status.Definition.Cluster.Value));

    private IEnumerable<RemoteClusterStatus> All() => _board.Current.Values;

    private IEnumerable<RemoteClusterStatus> Remote() => All().Where(status => status.Definition.Role == SourceRole.Remote);

    private static Measurement<T> Of<T>(T value, string cluster)
        where T : struct => new(value, new KeyValuePair<string, object?>("target_cluster", cluster));
}
