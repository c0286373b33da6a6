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
        Gauge("pending_keys", "Writes that wait for the local etcd", status => status.PendingKeys);
        Gauge("leases", "Leases held at the local etcd", status => status.Leases);
        Counter("written_keys", "Keys put into the local etcd", status => status.Written);
        Counter("deleted_keys", "Keys deleted from the local etcd", status => status.Deleted);
        Counter("failures", "Calls to the local etcd that failed", status => status.Failures);

        void Gauge(string name, string description, Func<EtcdSinkStatus, long> value) =>
            meter.CreateObservableGauge($"kvstoremesh_sink_{name}", () => value(sink.Status), description: description);

        void Counter(string name, string description, Func<EtcdSinkStatus, long> value) =>
            meter.CreateObservableCounter($"kvstoremesh_sink_{name}", () => value(sink.Status), description: description);
    }
}
