using KvStoreMesh.Actors.Persistence;

namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>The stored state, as <c>/v1/configuration</c> shows it.</summary>
/// <param name="Location">Where it is; never with a password.</param>
/// <param name="Phase">Opening, Open or BackingOff.</param>
/// <param name="Problem">Why nothing is stored now; null if it is.</param>
/// <param name="Bytes">What it takes on the disk.</param>
/// <param name="Clusters">Clusters of which something is stored.</param>
/// <param name="RestoredClusters">Clusters that started from what was stored.</param>
/// <param name="RestoredKeys">Their keys.</param>
/// <param name="PendingKeys">Changes that wait to be written.</param>
/// <param name="BehindSince">Since when it is older than what is served; null if it is not.</param>
/// <param name="OldestProof">When the stalest stored cluster was last known to be what its source holds.</param>
/// <param name="Failures">Failures since the start.</param>
internal sealed record StateModel(
    string Location,
    string Phase,
    string? Problem,
    long Bytes,
    int Clusters,
    int RestoredClusters,
    long RestoredKeys,
    int PendingKeys,
    DateTimeOffset? BehindSince,
    DateTimeOffset? OldestProof,
    long Failures)
{
    /// <summary>The model of a status.</summary>
    public static StateModel Of(StateStatus status) => new(
        status.Location,
        status.Phase.ToString(),
        status.Problem,
        status.Bytes,
        status.Clusters,
        status.RestoredClusters,
        status.RestoredKeys,
        status.PendingKeys,
        status.BehindSince,
        status.OldestProof,
        status.Failures);
}
