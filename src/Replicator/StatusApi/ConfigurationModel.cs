using KvStoreMesh.Replicator.ClusterConfigs;

namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>The daemon's own configuration.</summary>
/// <param name="Directory">The directory of remote clusters; null if there is none.</param>
/// <param name="Problems">Files that an operator has to look at.</param>
/// <param name="LocalCluster">The status of the local cluster's etcd as a source; null if it is not one.</param>
/// <param name="EtcdSink">The mirror in the local etcd; null if there is none.</param>
/// <param name="State">What outlives a restart; null if nothing does.</param>
internal sealed record ConfigurationModel(
    string? Directory, IReadOnlyList<ConfigurationProblem> Problems, RemoteClusterModel? LocalCluster, EtcdSinkModel? EtcdSink = null,
    StateModel? State = null);
