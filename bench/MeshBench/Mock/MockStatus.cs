namespace KvStoreMesh.MeshBench.Mock;

/// <summary>Where a writer of mock clusters stands.</summary>
/// <param name="Keys">Keys of the initial content.</param>
/// <param name="Written">Changes handed over since.</param>
/// <param name="Pending">Of them not written yet.</param>
/// <param name="Revision">The highest revision of any etcd.</param>
/// <param name="Seconds">How long the asked thing took.</param>
internal sealed record MockStatus(int Keys, long Written, long Pending, long Revision, double Seconds);
