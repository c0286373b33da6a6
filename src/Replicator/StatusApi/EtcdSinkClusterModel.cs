namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>The mirror of one cluster.</summary>
/// <param name="Name">The cluster.</param>
/// <param name="Phase">What is being done.</param>
/// <param name="Keys">Mirrored entries.</param>
/// <param name="PendingKeys">Writes that wait.</param>
/// <param name="Complete">Config and all canaries have been written.</param>
/// <param name="Revoked">Services are withdrawn because the source has been lost for too long.</param>
/// <param name="Problem">What stands in the way; null if nothing does.</param>
internal sealed record EtcdSinkClusterModel(
    string Name, string Phase, int Keys, int PendingKeys, bool Complete, bool Revoked, string? Problem);
