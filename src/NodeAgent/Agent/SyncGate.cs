using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Replica;

namespace KvStoreMesh.NodeAgent.Agent;

/// <summary>Says which clusters have told all they have, on which it depends whether adopted entries may go.</summary>
/// <remarks>
/// A cluster counts while the current session's daemon announces it. Nothing is complete before one is announced: a
/// daemon that names no cluster has not read its configuration yet, or it is the wrong daemon.
/// </remarks>
internal static class SyncGate
{
    private static readonly ResourceKind[] Needed = [ResourceKind.Nodes, ResourceKind.Endpoints, ResourceKind.Services];

    /// <summary>The cluster has told all its nodes, endpoints and services.</summary>
    public static bool IsComplete(ClusterReplica cluster) => cluster.IsAnnounced && Array.TrueForAll(Needed, cluster.Synced.Contains);

    /// <summary>Every announced cluster is complete, and there is one.</summary>
    public static bool AllComplete(MeshReplica replica) =>
        replica.Clusters.Any(cluster => cluster.IsAnnounced)
        && replica.Clusters.All(cluster => !cluster.IsAnnounced || IsComplete(cluster));

    /// <summary>Every announced cluster has told all of one resource, and there is one.</summary>
    public static bool AllTold(MeshReplica replica, ResourceKind kind) =>
        replica.Clusters.Any(cluster => cluster.IsAnnounced)
        && replica.Clusters.All(cluster => !cluster.IsAnnounced || cluster.Synced.Contains(kind));

    /// <summary>The cluster is announced and complete.</summary>
    public static bool IsComplete(MeshReplica replica, ClusterName? name) =>
        name is { } known && replica.TryGet(known, out var cluster) && IsComplete(cluster);

    /// <summary>Announced clusters that are not complete.</summary>
    public static IEnumerable<ClusterName> Incomplete(MeshReplica replica) =>
        replica.Clusters.Where(cluster => cluster.IsAnnounced && !IsComplete(cluster)).Select(cluster => cluster.Name);
}
