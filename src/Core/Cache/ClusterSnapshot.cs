using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Cache;

/// <summary>A whole cluster as of <see cref="MeshClusterView.Seq"/>, encoded once and shared by all its readers.</summary>
/// <param name="View">The cluster and where it stood.</param>
/// <param name="Chunks">
/// In the order of <see cref="ResourceKind"/>. The records have the revision 0 if they are from before the epoch and not
/// confirmed in it yet.
/// </param>
public sealed record ClusterSnapshot(MeshClusterView View, IReadOnlyList<SnapshotChunk> Chunks);
