namespace KvStoreMesh.Replicator.Fanout;

/// <summary>How fresh every cluster is, as of one moment, for all heartbeats. Immutable.</summary>
/// <param name="Clusters">The clusters with data.</param>
/// <param name="StateVersion">Differs from the last report's if a cluster's state does: subscribers are told at once.</param>
internal sealed record FreshnessReport(IReadOnlyList<FreshCluster> Clusters, int StateVersion);
