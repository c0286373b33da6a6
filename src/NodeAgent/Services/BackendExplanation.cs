using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Services;

/// <summary>A backend and what becomes of it at a frontend.</summary>
/// <param name="Offer">The backend.</param>
/// <param name="Cluster">Who offers it; null for the own cluster where its name is not known.</param>
/// <param name="IsRemote">It is of another cluster.</param>
/// <param name="Verdict">In or out, and why.</param>
public sealed record BackendExplanation(BackendOffer Offer, ClusterName? Cluster, bool IsRemote, BackendVerdict Verdict);
