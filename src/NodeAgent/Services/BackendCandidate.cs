using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Services;

/// <summary>A backend that a record offers, and what decides whether it may be used.</summary>
/// <param name="Offer">The backend.</param>
/// <param name="Cluster">Who offers it; null for the own cluster where its name is not known.</param>
/// <param name="IsRemote">It is of another cluster.</param>
/// <param name="IsShared">Its cluster offers it to others; always so for the own one.</param>
/// <param name="Standing">Whether its cluster answers.</param>
internal sealed record BackendCandidate(BackendOffer Offer, ClusterName? Cluster, bool IsRemote, bool IsShared, SourceStanding Standing);
