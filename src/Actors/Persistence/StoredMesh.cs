using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>What a store held.</summary>
/// <param name="Clusters">Those that prove to be what was written.</param>
/// <param name="Damaged">Those that do not, each with one line that says so; they start cold.</param>
public sealed record StoredMesh(IReadOnlyList<StoredCluster> Clusters, IReadOnlyList<(ClusterName Cluster, string Problem)> Damaged)
{
    /// <summary>Nothing.</summary>
    public static StoredMesh Empty { get; } = new([], []);
}
