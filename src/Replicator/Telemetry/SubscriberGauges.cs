using System.Diagnostics.Metrics;
using KvStoreMesh.Replicator.Fanout;

namespace KvStoreMesh.Replicator.Telemetry;

/// <summary>How the node agents stand, together: no label names one, their number is not bounded.</summary>
internal sealed class SubscriberGauges
{
    /// <summary>A subscriber that has owed an ack for so long counts as slow.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    /// <summary>Creates the instruments.</summary>
    public SubscriberGauges(IMeterFactory meters, SubscriberRegistry subscribers)
    {
        var meter = meters.Create(MeshGauges.MeterName);
        meter.CreateObservableGauge(
            "kvstoremesh_slow_subscribers",
            () => subscribers.Sessions.Count(session => session.OldestUnacked > Slow),
            description: "Subscribers whose oldest change that is not acknowledged is older than a second");
        meter.CreateObservableGauge(
            "kvstoremesh_unacked_bytes",
            () => subscribers.Sessions.Sum(session => session.Position.UnackedBytes),
            description: "Bytes sent to subscribers and not acknowledged");
    }
}
