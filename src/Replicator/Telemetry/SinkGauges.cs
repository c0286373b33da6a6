using System.Diagnostics.Metrics;
using KvStoreMesh.Actors.Sinks;
using KvStoreMesh.Core.Sinks;

namespace KvStoreMesh.Replicator.Telemetry;

/// <summary>The mirror in the local etcd, read when scraped.</summary>
internal sealed class SinkGauges
{
    /// <summary>Creates the instruments; none without a sink.</summary>
    public SinkGauges(IMeterFactory meters, EtcdSink? sink = null)
    {
        if (sink is null)
        {
            return;
        }

        var meter = meters.Create(MeshGauges.MeterName);
        Gauge("connected", "1 if the local etcd answers", status => status.Connected ? 1 : 0);
        meter.CreateObservableGauge(
            "cilium_kvstoremesh_leader_election_master_status",
            () => new Measurement<long>(sink.Status.IsLeader ? 1 : 0, new KeyValuePair<string, object?>("name", "kvstoremesh")),
            description: "1 if this daemon writes into the local etcd, 0 if it stands by");
        Gauge("pending_keys", "Writes that wait for the local etcd", status => status.PendingKeys);
        Gauge("leases", "Leases held at the local etcd", status => status.Leases);
        Counter("written_keys", "Keys put into the local etcd", status => status.Written);
        Counter("deleted_keys", "Keys deleted from the local etcd", status => status.Deleted);
        Counter("leads_lost", "How often this daemon lost the lead", status => status.LeadsLost);
        Counter("failures", "Calls to the local etcd that failed", status => status.Failures);

        void Gauge(string name, string description, Func<EtcdSinkStatus, long> value) =>
            meter.CreateObservableGauge($"kvstoremesh_sink_{name}", () => value(sink.Status), description: description);

        void Counter(string name, string description, Func<EtcdSinkStatus, long> value) =>
            meter.CreateObservableCounter($"kvstoremesh_sink_{name}", () => value(sink.Status), description: description);
    }
}
