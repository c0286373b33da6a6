using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Cache;

/// <summary>A whole cluster as of <see cref="MeshClusterView.Seq"/>, encoded once and shared by all its readers.</summary>
/// <param name="View">The cluster and where it stood.</param>
/// <param name="Chunks">
/// Each the wire bytes of <c>Delta.records</c> fields, in the order of <see cref="ResourceKind"/>. The records have no seq,
/// and the revision 0 if they are from before the epoch and not confirmed in it yet.
/// </param>
public sealed record ClusterSnapshot(MeshClusterView View, IReadOnlyList<ReadOnlyMemory<byte>> Chunks);
