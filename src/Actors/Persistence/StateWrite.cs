using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>What was taken of one cluster. Its checkpoint becomes bytes where it is written, not where it is taken.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Replaces">What is stored of it is void.</param>
/// <param name="Changes">By key.</param>
/// <param name="Checkpoint">What holds after them; null to forget the cluster.</param>
/// <param name="ProvedAt">When the source last proved it.</param>
internal sealed record StateWrite(
    ClusterName Cluster, bool Replaces, Dictionary<MeshKey, MeshChange> Changes, SourceCheckpoint? Checkpoint, DateTimeOffset ProvedAt)
{
    /// <summary>The checkpoint's stored form; null before <see cref="ToClusterWrite"/>.</summary>
    public byte[]? Bytes { get; private set; }

    public ClusterWrite ToClusterWrite()
    {
        Bytes = Checkpoint is null ? null : CheckpointFormat.Write(Checkpoint);
        return Bytes is { } bytes ? new(Cluster, Replaces, Changes.Values, bytes, ProvedAt) : ClusterWrite.Forget(Cluster);
    }
}
