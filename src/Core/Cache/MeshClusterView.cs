using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Cache;

/// <summary>One cluster of the cache as of its last published group. Immutable.</summary>
/// <param name="Cluster">The name.</param>
/// <param name="Index">The number that stands for the cluster on the stream; never reused within a process.</param>
/// <param name="Position">Where the cluster stands, in source coordinates.</param>
/// <param name="Seq">The seq of its last record or mark.</param>
/// <param name="Keys">Keys held.</param>
/// <param name="Bytes">Bytes of their names and values.</param>
/// <param name="Synced">Resources that are complete in the position's epoch, ascending, those that the source does not offer included.</param>
public sealed record MeshClusterView(
    ClusterName Cluster, uint Index, SourcePosition Position, long Seq, int Keys, long Bytes, IReadOnlyList<ResourceKind> Synced)
{
    /// <summary>The seq of its first mark: who stands below it knows nothing of this cluster.</summary>
    public long FirstSeq { get; init; }

    /// <summary>The seq of the mark that began the epoch.</summary>
    public long EpochSeq { get; init; }

    /// <summary>The seq of the last mark that said what is synced, or that it is not any more.</summary>
    public long SyncedSeq { get; init; }

    /// <summary>What it holds, as digests.</summary>
    public ResourceDigests Digests { get; init; } = ResourceDigests.Empty;

    /// <summary>Every resource is complete in the epoch.</summary>
    public bool IsComplete => Synced.Count == (int)ResourceKind.ServiceExports - (int)ResourceKind.ClusterConfig;
}
