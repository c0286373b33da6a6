using System.Net;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.Troubleshoot;

/// <summary>What only shows when clusters are compared with each other and with the daemon. Pure.</summary>
internal static class MeshChecks
{
    // So many overlaps are named; one is enough to act.
    private const int MaxNamed = 10;

    /// <summary>Two clusters must not have the same id: identities and policies of one would count for the other.</summary>
    public static IEnumerable<Finding> Ids(IReadOnlyCollection<ClusterFacts> clusters, ClusterName? local, uint localId)
    {
        var owners = clusters.Where(cluster => cluster.Id is not null).Select(cluster => (cluster.Cluster, Id: cluster.Id!.Value)).ToList();
        if (local is { } own && localId > 0 && owners.TrueForAll(owner => owner.Cluster != own))
        {
            owners.Add((own, localId));
        }

        var shared = owners.GroupBy(owner => owner.Id).Where(group => group.Count() > 1).ToList();
        foreach (var group in shared)
        {
            yield return Finding.Error(
                "id", $"{string.Join(" and ", group.Select(owner => owner.Cluster).Order())} have the same cluster id {group.Key}", "ids must be unique in the mesh: give all but one of them another cluster.id");
        }

        foreach (var (cluster, _) in owners.Where(owner => owner.Id is 0 or > 511))
        {
            yield return Finding.Error("id", $"{cluster} has no valid cluster id", "set cluster.id there to a number from 1 to 255 (or 511)");
        }

        if (shared.Count == 0 && owners.Count > 1)
        {
            yield return Finding.Fine("id", $"the ids of {owners.Count} clusters are unique");
        }
    }

    /// <summary>Pod CIDRs of different clusters must not overlap: the ipcache could hold only one of two pods with one address.</summary>
    public static IEnumerable<Finding> PodCidrs(IReadOnlyCollection<ClusterFacts> clusters)
    {
        // Sorted by their first address, a network overlaps an earlier one exactly if it begins before that one's end.
        var networks = clusters.SelectMany(cluster => cluster.Nodes.SelectMany(
                node => node.AllocCidrs.Select(cidr => (Cluster: cluster.Cluster, Node: node.Name, Cidr: cidr, Begin: Number(cidr.BaseAddress), End: Last(cidr)))))
            .OrderBy(network => network.Cidr.BaseAddress.AddressFamily).ThenBy(network => network.Begin).ThenByDescending(network => network.End).ToList();
        var (found, open) = (0, networks.Take(0).ToList());
        foreach (var network in networks)
        {
            open.RemoveAll(earlier => earlier.End < network.Begin || earlier.Cidr.BaseAddress.AddressFamily != network.Cidr.BaseAddress.AddressFamily);
            foreach (var earlier in open.Where(earlier => earlier.Cluster != network.Cluster))
            {
                if (++found <= MaxNamed)
                {
                    yield return Finding.Error(
                        "podcidr",
                        $"{earlier.Cidr} of {earlier.Cluster}/{earlier.Node} and {network.Cidr} of {network.Cluster}/{network.Node} overlap",
                        "pods of both can have one address: give the clusters disjoint pod CIDRs");
                }
            }

            open.Add(network);
        }

        if (found > MaxNamed)
        {
            yield return Finding.Error("podcidr", $"{found - MaxNamed} more pairs of pod CIDRs overlap");
        }
        else if (found == 0 && networks.Count > 0)
        {
            yield return Finding.Fine("podcidr", $"{networks.Count} pod CIDRs of {clusters.Count(cluster => cluster.Nodes.Count > 0)} clusters do not overlap");
        }
    }

    /// <summary>What the daemon holds of a cluster against what its etcd holds now, and how old that is.</summary>
    public static IEnumerable<Finding> Daemon(StatusModel status, ClusterFacts facts)
    {
        var (name, source) = (facts.Cluster.Value, status.Sources.FirstOrDefault(source => source.Name == facts.Cluster.Value));
        var model = status.RemoteClusters.Append(status.Configuration.LocalCluster).FirstOrDefault(cluster => cluster?.Name == name);
        if (source is null || model is null)
        {
            yield return Finding.Error("lag", "the running daemon does not know this cluster", "it watches another directory: compare --clustermesh-config");
            yield break;
        }

        yield return source.State == "live"
            ? Finding.Fine("lag", $"the daemon is current: last proof {source.AgeSeconds:0.#} seconds ago")
            : Finding.Error("lag", $"the daemon's copy is {source.State}: {source.Problem}");
        (string What, long Held, ResourceKind Kind)[] counts =
        [
            ("nodes", model.Nodes, ResourceKind.Nodes),
            ("endpoints", model.Endpoints, ResourceKind.Endpoints),
            ("identities", model.Identities, ResourceKind.Identities),
            ("services", model.SharedServices, ResourceKind.Services),
        ];
        foreach (var (what, held, kind) in counts)
        {
            if (facts.Counts.TryGetValue(kind, out var there) && there != held)
            {
                yield return Finding.Warning(
                    "lag", $"the daemon holds {held} {what}, the etcd {there}", "while the cluster changes this passes; if it stays, the copy has drifted: restart the daemon and report it");
            }
        }
    }

    /// <summary>How far the agents are behind.</summary>
    public static IEnumerable<Finding> Agents(StatusModel status)
    {
        foreach (var agent in status.Subscribers.Where(agent => agent.OldestUnackedSeconds > 10).Take(MaxNamed))
        {
            yield return Finding.Warning(
                "lag", $"node {agent.Node} is {agent.Behind} records behind, the oldest for {agent.OldestUnackedSeconds:0} seconds", "run `node-agent status` there");
        }

        foreach (var agent in status.Subscribers.Where(agent => agent.Nacks > 0).Take(MaxNamed))
        {
            yield return Finding.Warning("lag", $"node {agent.Node} could not apply {agent.Nacks} records, last: {agent.LastNack}", "run `node-agent status` there: a map may be full");
        }

        var current = status.Subscribers.Count(agent => agent.Following && agent.Behind == 0);
        yield return status.Subscribers.Count == 0
            ? Finding.Note("lag", "no node agent is connected to the daemon")
            : Finding.Fine("lag", $"{current} of {status.Subscribers.Count} node agents are up to date");
    }

    private static UInt128 Number(IPAddress address)
    {
        UInt128 number = 0;
        foreach (var part in address.GetAddressBytes())
        {
            number = (number << 8) | part;
        }

        return number;
    }

    private static UInt128 Last(IPNetwork network)
    {
        var bits = (network.BaseAddress.GetAddressBytes().Length * 8) - network.PrefixLength;
        return Number(network.BaseAddress) | (bits == 128 ? UInt128.MaxValue : (UInt128.One << bits) - 1);
    }
}
