using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>
/// What is wrong with the ids that clusters claim. Only said, never acted upon: agents decide about ids, and refuse the
/// records of a cluster whose id they do not accept.
/// </summary>
internal static class ClusterIdProblems
{
    /// <summary>The problems by cluster. Pure.</summary>
    /// <param name="statuses">Every source.</param>
    /// <param name="local">The daemon's own cluster.</param>
    /// <param name="localId">Its id; 0 if it is not known.</param>
    /// <param name="max">The highest id of the mesh.</param>
    public static IReadOnlyDictionary<ClusterName, string> Of(IEnumerable<RemoteClusterStatus> statuses, ClusterName local, uint localId, uint max)
    {
        var known = statuses.Where(status => status.Config is not null && status.Definition.Cluster != local)
            .Select(status => (status.Definition.Cluster, status.Config!.Id)).ToList();
        var owners = known.Append((Cluster: local, Id: localId)).ToLookup(entry => entry.Id, entry => entry.Cluster);
        var problems = new Dictionary<ClusterName, string>();
        foreach (var (cluster, id) in known)
        {
            if (id == 0 || id > max)
            {
                problems[cluster] = $"its cluster id is {id}, which is not from 1 to {max}: set a valid id there, agents refuse what it says";
            }
            else if (owners[id].Where(other => other != cluster).ToArray() is { Length: > 0 } others)
            {
                problems[cluster] = $"its cluster id {id} is also that of {string.Join(", ", others)}: ids must be unique in the mesh, change one of them";
            }
        }

        return problems;
    }
}
