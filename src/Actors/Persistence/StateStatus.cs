namespace KvStoreMesh.Actors.Persistence;

/// <summary>What is stored, and how it stands. Immutable.</summary>
/// <param name="Location">Where; never with a password.</param>
/// <param name="Phase">What is being done.</param>
/// <param name="Problem">Why nothing is stored now, in one line; null if it is.</param>
/// <param name="Clusters">Clusters of which something is stored.</param>
/// <param name="RestoredClusters">Clusters that started from what was stored.</param>
/// <param name="RestoredKeys">Their keys.</param>
/// <param name="Bytes">What it takes, in bytes.</param>
/// <param name="PendingKeys">Changes that wait to be written.</param>
/// <param name="BehindSince">Since when the stored state is older than what is served; null if it is not.</param>
/// <param name="OldestProof">When the stalest stored cluster was last known to be what its source holds; null if nothing is stored.</param>
/// <param name="Transactions">Transactions written since the start.</param>
/// <param name="WrittenKeys">Keys written or deleted since the start.</param>
/// <param name="Failures">Failures since the start.</param>
public sealed record StateStatus(
    string Location,
    StatePhase Phase,
    string? Problem = null,
    int Clusters = 0,
    int RestoredClusters = 0,
    long RestoredKeys = 0,
    long Bytes = 0,
    int PendingKeys = 0,
    DateTimeOffset? BehindSince = null,
    DateTimeOffset? OldestProof = null,
    long Transactions = 0,
    long WrittenKeys = 0,
    long Failures = 0);
