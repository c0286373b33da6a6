using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.NodeAgent.Desired;

/// <summary>A value that could not be used. The one before it, if any, stays in force.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Key">The key.</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="Seq">The daemon's sequence number; 0 if it is not a change of its own.</param>
public sealed record InvalidValue(ClusterName Cluster, MeshKey Key, string Reason, long Seq);
