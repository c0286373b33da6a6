namespace KvStoreMesh.Replicator.Fanout;

/// <summary>How fresh every cluster is, encoded once for all heartbeats. Immutable.</summary>
/// <param name="Clusters">The wire bytes of <c>Heartbeat.clusters</c> fields.</param>
/// <param name="StateVersion">Differs from the last report's if a cluster's state does: subscribers are told at once.</param>
internal sealed record FreshnessReport(ReadOnlyMemory<byte> Clusters, int StateVersion);
