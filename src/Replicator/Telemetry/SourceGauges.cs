using System.Diagnostics.Metrics;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.Telemetry;

/// <summary>What each source is doing and why it was lost, in more words than Cilium's metrics have.</summary>
internal sealed class SourceGauges
{
    private static readonly SourceFreshness[] States = Enum.GetValues<SourceFreshness>();
    private static readonly SourcePhase[] Phases = Enum.GetValues<SourcePhase>();

    private readonly MeshStatusBoard _board;

    /// <summary>Creates the instruments.</summary>
    public SourceGauges(IMeterFactory meters, MeshStatusBoard board)
    {
        _board = board;
        var meter = meters.Create(MeshGauges.MeterName);
        meter.CreateObservableGauge(
            "kvstoremesh_source_state", StatesNow, description: "1 for the state that a source is in: live, syncing, stale, connecting, misconfigured, draining");
        meter.CreateObservableCounter(
            "kvstoremesh_source_failures", FailuresNow, description: "Connections lost or attempts failed, by the step that failed");
        meter.CreateObservableGauge(
            "kvstoremesh_source_revision", RevisionsNow, description: "The source's revision that is held");
    }

    private IEnumerable<Measurement<int>> StatesNow() =>
        from source in _board.Current.Values
        let now = MeshOverviewReader.FreshnessOf(source)
        from state in States
        select new Measurement<int>(state == now ? 1 : 0, Cluster(source.Definition), new("state", state.ToString().ToLowerInvariant()));

    // A counter that is born with its first failure shows none: rate() needs the zero before it.
    private IEnumerable<Measurement<long>> FailuresNow() =>
        from source in _board.Current.Values
        from phase in Phases
        select new Measurement<long>(source.FailuresByPhase.GetValueOrDefault(phase), Cluster(source.Definition), new("phase", phase.ToString()));

    private IEnumerable<Measurement<long>> RevisionsNow() =>
        from source in _board.Current.Values
        where source.Position is not null
        select new Measurement<long>(source.Position!.Value.Revision, Cluster(source.Definition));

    private static KeyValuePair<string, object?> Cluster(SourceDefinition source) => new("target_cluster", source.Cluster.Value);
}
