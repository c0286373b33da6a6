namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>The whole mesh as this daemon sees it, as of one moment. Immutable.</summary>
/// <param name="Cluster">The daemon's own cluster.</param>
/// <param name="Taken">The moment.</param>
/// <param name="Sources">The local cluster first, then the remote ones by name.</param>
/// <param name="Agents">By name.</param>
/// <param name="Connections">The counter.</param>
/// <param name="Configuration">Problems of the configuration, and the mirror in the local etcd.</param>
internal sealed record MeshOverview(
    string Cluster,
    DateTimeOffset Taken,
    IReadOnlyList<SourceRow> Sources,
    IReadOnlyList<AgentRow> Agents,
    ConnectionCounts Connections,
    ConfigurationModel Configuration);
