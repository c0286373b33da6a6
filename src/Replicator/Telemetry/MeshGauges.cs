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

        meter.CreateObservableGauge("cilium_kvstoremesh_remote_clusters", () => Remote().Count(), description: "Remote clusters configured");
        PerRemote(meter, "readiness_status", "1 if the remote cluster is ready", status => status.IsReady ? 1 : 0);
        PerRemote(meter, "failures", "Connections lost or attempts failed", status => status.Failures);
        PerRemote(meter, "last_failure_ts", "Unix time of the last failure, 0 if none", status => status.LastFailure?.ToUnixTimeSeconds() ?? 0);

        meter.CreateObservableGauge(
            "kvstoremesh_source_connections", () => All().Count(status => status.EtcdClusterId is not null), description: "Open connections to sources");
        meter.CreateObservableGauge("kvstoremesh_source_watches", () => All().Sum(status => status.Watches), description: "Open watches at sources");
        meter.CreateObservableGauge("kvstoremesh_source_age_seconds", Ages, description: "Since the source last proved that the data is current");
        meter.CreateObservableGauge("kvstoremesh_cluster_keys", () => PerView(view => view.Keys), description: "Keys held of a cluster");
        meter.CreateObservableGauge("kvstoremesh_cluster_bytes", () => PerView(view => view.Bytes), description: "Bytes held of a cluster, names and values");
        meter.CreateObservableGauge("kvstoremesh_head_seq", () => cache.Head, description: "The last published sequence number");
        meter.CreateObservableGauge("kvstoremesh_horizon_seq", () => cache.Horizon, description: "The sequence number below which a snapshot is needed");
        meter.CreateObservableGauge(
            "kvstoremesh_configuration_problems", () => configs.Problems.Length, description: "Configuration files that an operator has to look at");
    }

    private IEnumerable<Measurement<double>> Ages() => All()
        .Where(status => status.LastProof is not null)
        .Select(status => Of((_time.GetUtcNow() - status.LastProof!.Value).TotalSeconds, status.Definition.Cluster.Value));

    private void PerRemote(Meter meter, string name, string description, Func<RemoteClusterStatus, long> value) =>
        meter.CreateObservableGauge(
            $"cilium_kvstoremesh_remote_cluster_{name}",
            () => Remote().Select(status => Of(value(status), status.Definition.Cluster.Value)),
            description: description);

    private IEnumerable<Measurement<long>> PerView(Func<MeshClusterView, long> value) =>
        _cache.Clusters.Select(view => Of(value(view), view.Cluster.Value));

    private IEnumerable<RemoteClusterStatus> All() => _board.Current.Values;

    private IEnumerable<RemoteClusterStatus> Remote() => All().Where(status => status.Definition.Role == SourceRole.Remote);

    private static Measurement<T> Of<T>(T value, string cluster)
        where T : struct => new(value, new KeyValuePair<string, object?>("target_cluster", cluster));
}
