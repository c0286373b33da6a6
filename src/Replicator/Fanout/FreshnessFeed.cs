using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>Turns the status of the sources into what heartbeats say of them, at most once per <see cref="MinAge"/>.</summary>
/// <remarks>
/// The board is looked at, not subscribed to: it changes with every batch of every source, its states rarely do.
/// Any shard may call.
/// </remarks>
internal sealed class FreshnessFeed(MeshStatusBoard board, MeshCache cache, TimeProvider time)
{
    /// <summary>How old a report may be before it is made anew; bounds how late a change of state is told.</summary>
    public static readonly TimeSpan MinAge = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private FreshnessReport _report = new([], 0);
    private (uint Index, SourceState State)[] _states = [];
    private long? _madeAt;

    /// <summary>The report as of now.</summary>
    public FreshnessReport Current()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (_madeAt is null || time.GetElapsedTime(_madeAt.Value, now) >= MinAge)
            {
                _madeAt = now;
                Make();
            }

            return _report;
        }
    }

    /// <summary>What agents are told of a source; whether data is known decides between a start and a loss.</summary>
    public static SourceState StateOf(RemoteClusterStatus status) => status.Phase switch
    {
        RemoteClusterPhase.Watching => status.IsReady ? SourceState.Live : SourceState.Syncing,
        RemoteClusterPhase.Listing or RemoteClusterPhase.Resuming => SourceState.Syncing,
        _ => status.Position is null ? SourceState.Connecting : SourceState.Stale,
    };

    private void Make()
    {
        var statuses = board.Current;
        var now = time.GetUtcNow();
        var clusters = new List<FreshCluster>();
        foreach (var view in cache.Clusters)
        {
            // What was restored or is being removed has content, and so a digest, but no source.
            var status = statuses.GetValueOrDefault(view.Cluster);
            clusters.Add(new FreshCluster(
                view,
                status is null ? SourceState.Unspecified : StateOf(status),
                status?.LastProof is { } proof ? now - proof : TimeSpan.Zero));
        }

        var states = clusters.Select(cluster => (cluster.View.Index, cluster.State)).ToArray();
        var version = _report.StateVersion + (states.AsSpan().SequenceEqual(_states) ? 0 : 1);
        _states = states;
        _report = new FreshnessReport(clusters, version);
    }
}
