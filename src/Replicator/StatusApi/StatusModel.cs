using KvStoreMesh.Replicator.Commands;

namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>Everything at once: <c>/v1/status</c>, and <c>kvstoremesh status -o json</c>.</summary>
/// <param name="Cluster">The daemon's own cluster.</param>
/// <param name="Version">Of the daemon.</param>
/// <param name="Time">The moment.</param>
/// <param name="RemoteClusters">As <c>/v1/cluster</c>, with what is zero or false written too.</param>
/// <param name="Sources">What Cilium's form leaves out, the local cluster first.</param>
/// <param name="Configuration">As <c>/v1/configuration</c>: the local cluster, problems and the mirror in the local etcd.</param>
/// <param name="Subscribers">As <c>/v1/subscribers</c>.</param>
/// <param name="Connections">N + M here, N × M without the daemon.</param>
internal sealed record StatusModel(
    string Cluster,
    string Version,
    DateTimeOffset Time,
    IReadOnlyList<RemoteClusterModel> RemoteClusters,
    IReadOnlyList<SourceModel> Sources,
    ConfigurationModel Configuration,
    IReadOnlyList<SubscriberModel> Subscribers,
    ConnectionCounts Connections)
{
    /// <summary>The model of an overview.</summary>
    public static StatusModel Of(MeshOverview overview) => new(
        overview.Cluster,
        VersionCommand.Version,
        overview.Taken,
        [.. overview.Sources.Where(source => !source.IsLocal).Select(source => source.Model)],
        [.. overview.Sources.Select(SourceModel.Of)],
        overview.Configuration,
        [.. overview.Agents.Select(agent => agent.Model)],
        overview.Connections);
}
