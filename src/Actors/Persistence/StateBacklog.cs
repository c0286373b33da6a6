namespace KvStoreMesh.Actors.Persistence;

/// <summary>How far what is stored lags behind what is served.</summary>
/// <param name="Clusters">Clusters of which something is stored.</param>
/// <param name="PendingKeys">Changes that wait.</param>
/// <param name="BehindSince">Since when the cluster that is behind for longest is; null if none is.</param>
/// <param name="OldestProof">When the stalest stored cluster was last known to be what its source held; null if nothing is stored.</param>
internal readonly record struct StateBacklog(int Clusters, int PendingKeys, DateTimeOffset? BehindSince, DateTimeOffset? OldestProof);
