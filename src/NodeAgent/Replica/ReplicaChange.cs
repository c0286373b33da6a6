using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.NodeAgent.Replica;

/// <summary>A key whose value differs from what the replica held before.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The new value; null if the key is gone.</param>
/// <param name="Seq">The daemon's sequence number, for a Nack; 0 if the change has none of its own.</param>
public readonly record struct ReplicaChange(ClusterName Cluster, MeshKey Key, ReadOnlyMemory<byte>? Value, long Seq);
