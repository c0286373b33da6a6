using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>One key's new value, or its deletion, as the stream brought it.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Key">The key within the cluster.</param>
/// <param name="Value">The value, any bytes; null for a deletion.</param>
/// <param name="Revision">The source's revision.</param>
/// <param name="Seq">The daemon's sequence number.</param>
public readonly record struct MeshRecord(ClusterName Cluster, MeshKey Key, ReadOnlyMemory<byte>? Value, long Revision, long Seq);
