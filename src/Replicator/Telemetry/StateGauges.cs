using System.Diagnostics.Metrics;
using KvStoreMesh.Actors.Persistence;

namespace KvStoreMesh.Replicator.Telemetry;

/// <summary>The stored state, read when scraped.</summary>
internal sealed class StateGauges
{
    /// <summary>Creates the instruments; none if no state is kept.</summary>
    public StateGauges(IMeterFactory meters, TimeProvider time, MeshState? state = null)
    {
        if (state is null)
        {
            return;
        }

        var meter = meters.Create(MeshGauges.MeterName);
        Gauge("open", "1 if the store is open, 0 if nothing is stored now", status => status.Phase == StatePhase.Open ? 1 : 0);
        Gauge("clusters", "Clusters of which something is stored", status => status.Clusters);
        Gauge("bytes", "What the stored state takes on the disk", status => status.Bytes);
        Gauge("pending_keys", "Changes that wait to be stored", status => status.PendingKeys);
        Gauge("restored_clusters", "Clusters that started from what was stored", status => status.RestoredClusters);
        Gauge("restored_keys", "Keys that were served from what was stored", status => status.RestoredKeys);
        Seconds("lag", "For how long the stored state of some cluster has been older than what is served", status => status.BehindSince);
        Seconds("age", "Since the stalest stored cluster was known to be what its source holds", status => status.OldestProof);
        Counter("transactions", "Transactions of the store", status => status.Transactions);
        Counter("written_keys", "Keys written to the store or deleted from it", status => status.WrittenKeys);
        Counter("failures", "Failures of the store", status => status.Failures);

        void Gauge(string name, string description, Func<StateStatus, long> value) =>
            meter.CreateObservableGauge($"kvstoremesh_state_{name}", () => value(state.Status), description: description);

        void Counter(string name, string description, Func<StateStatus, long> value) =>
            meter.CreateObservableCounter($"kvstoremesh_state_{name}", () => value(state.Status), description: description);

        void Seconds(string name, string description, Func<StateStatus, DateTimeOffset?> since) => meter.CreateObservableGauge(
            $"kvstoremesh_state_{name}_seconds",
            () => since(state.Status) is { } at ? Math.Max(0, (time.GetUtcNow() - at).TotalSeconds) : 0,
            description: description);
    }
}
