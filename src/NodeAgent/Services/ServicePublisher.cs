using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Services;

/// <summary>Another cluster's record of a service.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="IsShared">It offers its backends.</param>
/// <param name="Backends">Them.</param>
/// <param name="Standing">Whether it can be reached.</param>
public sealed record ServicePublisher(ClusterName Cluster, bool IsShared, IReadOnlyList<BackendOffer> Backends, SourceStanding Standing);
