using KvStoreMesh.Core.Sinks;

namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>The mirror in the local etcd, as <c>/v1/configuration</c> shows it.</summary>
/// <param name="Connected">There is a connection that works.</param>
/// <param name="IsLeader">This daemon writes; false while it stands by.</param>
/// <param name="Leader">The lock's key of who writes; null if not known.</param>
/// <param name="Endpoint">The endpoint that answers; null while there is none.</param>
/// <param name="Bootstrapped">Every cluster known has been complete once.</param>
/// <param name="PendingKeys">Writes that wait.</param>
/// <param name="Written">Keys put since the start.</param>
/// <param name="Deleted">Keys deleted since the start.</param>
/// <param name="Transactions">Transactions since the start.</param>
/// <param name="Failures">Calls that failed since the start.</param>
/// <param name="Leases">Leases held.</param>
/// <param name="LastError">The last failure, in words; null if none.</param>
/// <param name="Clusters">By name.</param>
internal sealed record EtcdSinkModel(
    bool Connected,
    bool IsLeader,
    string? Leader,
    string? Endpoint,
    bool Bootstrapped,
    int PendingKeys,
    long Written,
    long Deleted,
    long Transactions,
    long Failures,
    int Leases,
    string? LastError,
    IReadOnlyList<EtcdSinkClusterModel> Clusters)
{
    /// <summary>The model of a status.</summary>
    public static EtcdSinkModel Of(EtcdSinkStatus status) => new(
        status.Connected,
        status.IsLeader,
        status.Leader,
        status.Endpoint,
        status.IsBootstrapped,
        status.PendingKeys,
        status.Written,
        status.Deleted,
        status.Transactions,
        status.Failures,
        status.Leases,
        status.LastError,
        [.. status.Clusters.Select(cluster => new EtcdSinkClusterModel(
            cluster.Cluster.Value, cluster.Phase.ToString(), cluster.Keys, cluster.PendingKeys, cluster.IsComplete, cluster.IsRevoked, cluster.Problem))]);
}
