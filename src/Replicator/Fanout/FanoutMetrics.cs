using System.Diagnostics.Metrics;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>What the fan-out counts. No label names a node: their number is not bounded.</summary>
internal sealed class FanoutMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "KvStoreMesh.Fanout";

    private readonly Meter _meter;
    private readonly Counter<long> _frames;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _nacks;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _resyncs;
    private readonly Counter<long> _diverged;
    private readonly Counter<long> _resumed;
    private readonly Histogram<double> _lag;

    /// <summary>Creates the instruments.</summary>
    public FanoutMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _frames = _meter.CreateCounter<long>("kvstoremesh_frames_sent", description: "Frames sent to subscribers");
        _bytes = _meter.CreateCounter<long>("kvstoremesh_sent_bytes", description: "Bytes of the frames sent to subscribers");
        _nacks = _meter.CreateCounter<long>("kvstoremesh_nacks", description: "Records that a subscriber could not apply");
        _resyncs = _meter.CreateCounter<long>(
            "kvstoremesh_resyncs", description: "Subscribers that history had overtaken: they got snapshots again");
        _diverged = _meter.CreateCounter<long>(
            "kvstoremesh_replica_divergence",
            description: "Clusters that a subscriber asked for again because its digest is not the daemon's: a bug, at whichever end");
        _resumed = _meter.CreateCounter<long>(
            "kvstoremesh_offered_clusters",
            description: "Clusters of connecting subscribers, by how they are brought up to date: ring, diff or snapshot");
        _ended = _meter.CreateCounter<long>("kvstoremesh_sessions_ended", description: "Ended streams, by reason");
        _lag = _meter.CreateHistogram<double>(
            "kvstoremesh_apply_lag_seconds",
            description: "From reading a change at its source to the ack of an agent that has it applied, by the oldest change of each ack, "
                + "on the daemon's clock. The ack's way back is in it; the time for which the agent held the ack back to save frames is not",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
            });
    }

    /// <summary>
    /// Shows the number of subscribers, and how far the slowest is behind. That rises while nothing is acknowledged, when
    /// the histogram of the lag is silent.
    /// </summary>
    public void ObserveSubscribers(Func<int> count, Func<TimeSpan> oldestUnacked)
    {
        _meter.CreateObservableGauge("kvstoremesh_subscribers", count, description: "Connected subscribers");
        _meter.CreateObservableGauge(
            "kvstoremesh_oldest_unacked_seconds",
            () => oldestUnacked().TotalSeconds,
            description: "Age of the oldest change that some subscriber has not acknowledged");
    }

    /// <summary>Shows how many subscribers wait for their turn to be sent snapshots.</summary>
    public void ObserveWaiting(Func<int> count) => _meter.CreateObservableGauge(
        "kvstoremesh_snapshot_waiting", count, description: "Subscribers that wait for others to be sent their snapshots");

    /// <summary>A cluster is about to be brought up to date at a subscriber that connected.</summary>
    public void Offered(ResumeMode mode) =>
        _resumed.Add(1, new KeyValuePair<string, object?>("mode", mode switch { ResumeMode.Ring => "ring", ResumeMode.Diff => "diff", _ => "snapshot" }));

    /// <summary>A subscriber holds something else than the daemon.</summary>
    public void Diverged() => _diverged.Add(1);

    /// <summary>A frame was handed to a stream.</summary>
    public void Sent(int bytes)
    {
        _frames.Add(1);
        _bytes.Add(bytes);
    }

    /// <summary>A subscriber gets snapshots again.</summary>
    public void Resynced() => _resyncs.Add(1);

    /// <summary>A subscriber could not apply a record.</summary>
    public void Nacked() => _nacks.Add(1);

    /// <summary>A session ended.</summary>
    public void Ended(string reason) => _ended.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A subscriber has applied what was read so long ago.</summary>
    public void Applied(TimeSpan lag) => _lag.Record(lag.TotalSeconds);
}
