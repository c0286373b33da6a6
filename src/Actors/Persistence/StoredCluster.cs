using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>One cluster as it was stored.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Entries">Every key once, as a put.</param>
/// <param name="Checkpoint">The bytes that were written together with them.</param>
/// <param name="ProvedAt">When the source last proved that this is what it holds.</param>
public sealed record StoredCluster(ClusterName Cluster, IReadOnlyList<MeshChange> Entries, byte[] Checkpoint, DateTimeOffset ProvedAt);
