using System.Net;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.NodeAgent.IpCache;

/// <summary>
/// The rows of <c>cilium_ipcache_v2</c> that follow from endpoints and nodes of all clusters.
/// </summary>
/// <remarks>
/// Several claims on one prefix are kept, the strongest is in force (<see cref="IpCacheCandidate"/>). Values have been
/// validated before they come here. Pure and independent of the order of arrival. Not thread-safe: owned by the apply loop.
/// </remarks>
public sealed class IpCacheTable
{
    private readonly Dictionary<IpPrefix, IpCacheCandidate> _claims = [];
    private readonly Dictionary<(ClusterName Cluster, string Node), IpCacheRow[]> _nodes = [];
    private readonly HashSet<IpPrefix> _changed = [];
    private readonly IpCacheRows _rows;
    private readonly ClusterName? _localCluster;

    /// <summary>Creates an empty table.</summary>
    /// <param name="localCluster">Whose rows win over those of the others.</param>
    /// <param name="nodeName">This node, in the local cluster.</param>
    /// <param name="nodeIp">This node's own address: never a tunnel endpoint. Null if not told.</param>
    public IpCacheTable(ClusterName? localCluster, string nodeName, IPAddress? nodeIp)
    {
        _localCluster = localCluster;
        _rows = new IpCacheRows(localCluster, nodeName, nodeIp);
    }

    /// <summary>Prefixes with a row.</summary>
    public int Count => _claims.Count;

    /// <summary>Prefixes on which there is more than one claim.</summary>
    public int Conflicts { get; private set; }

    /// <summary>Every prefix with a row.</summary>
    public IReadOnlyCollection<IpPrefix> Prefixes => _claims.Keys;

    /// <summary>Takes an endpoint address or CIDR.</summary>
    public void UpsertEndpoint(ClusterName cluster, string key, IpIdentityPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        Put(cluster, key, _rows.OfEndpoint(pair));
    }

    /// <summary>Forgets an endpoint by its key, which is its address.</summary>
    public void RemoveEndpoint(ClusterName cluster, string key)
    {
        if (IpPrefix.TryParse(key, out var prefix))
        {
            Withdraw(cluster, key, prefix, IpCacheRows.SourceOfEndpoint(key));
        }
    }

    /// <summary>Takes a node: replaces the rows it had.</summary>
    public void UpsertNode(ClusterName cluster, CiliumNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var after = _rows.OfNode(cluster, node);
        foreach (var row in _nodes.GetValueOrDefault((cluster, node.Name), []))
        {
            if (!Array.Exists(after, other => other.Prefix == row.Prefix && other.Source == row.Source))
            {
                Withdraw(cluster, node.Name, row.Prefix, row.Source);
            }
        }

        foreach (var row in after)
        {
            Put(cluster, node.Name, row);
        }

        _nodes[(cluster, node.Name)] = after;
    }

    /// <summary>Forgets a node by its name.</summary>
    public void RemoveNode(ClusterName cluster, string name)
    {
        if (_nodes.Remove((cluster, name), out var rows))
        {
            foreach (var row in rows)
            {
                Withdraw(cluster, name, row.Prefix, row.Source);
            }
        }
    }

    /// <summary>Takes a row of this node's own: of a local endpoint, or of a prefix that a policy names.</summary>
    public void UpsertOwn(string key, IpPrefix prefix, uint identity, IpCacheSource source) =>
        Put(new IpCacheCandidate(source != IpCacheSource.Local, source, default, key, new(identity, default, 0, IpCacheFlags.None)), prefix);

    /// <summary>Forgets a row of this node's own.</summary>
    public void RemoveOwn(string key, IpPrefix prefix, IpCacheSource source) => Withdraw(default, key, prefix, source);

    /// <summary>The row in force; null if nobody claims the prefix.</summary>
    public IpCacheEntry? Find(IpPrefix prefix) => _claims.TryGetValue(prefix, out var claim) ? claim.Entry : null;

    /// <summary>The row that the datapath finds for an address: that of the longest prefix; null if there is none.</summary>
    public IpCacheEntry? FindLongest(IpPrefix address)
    {
        for (var length = (int)address.Length; length >= 0; length--)
        {
            if (Find(address.Shorten((byte)length)) is { } entry)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>The prefixes that may differ since the last call.</summary>
    public IReadOnlyCollection<IpPrefix> TakeChanged()
    {
        IpPrefix[] changed = [.. _changed];
        _changed.Clear();
        return changed;
    }

    private void Put(ClusterName cluster, string key, IpCacheRow row) =>
        Put(new IpCacheCandidate(cluster != _localCluster, row.Source, cluster, key, row.Entry), row.Prefix);

    private void Put(IpCacheCandidate claim, IpPrefix prefix)
    {
        _claims.TryGetValue(prefix, out var head);
        var without = Unlink(head, claim);
        if (without is not null)
        {
            Conflicts += without.Next is null ? 1 : 0;
        }

        var after = Link(without, claim);
        _claims[prefix] = after;
        if (head?.Entry != after.Entry)
        {
            _changed.Add(prefix);
        }
    }

    private void Withdraw(ClusterName cluster, string key, IpPrefix prefix, IpCacheSource source)
    {
        if (!_claims.TryGetValue(prefix, out var head))
        {
            return;
        }

        var after = Unlink(head, new IpCacheCandidate(false, source, cluster, key, default));
        if (after is null)
        {
            _claims.Remove(prefix);
        }
        else
        {
            _claims[prefix] = after;
        }

        if (head.Entry != after?.Entry)
        {
            _changed.Add(prefix);
        }
    }

    /// <summary>Removes the owner's claim from the chain, if it is there.</summary>
    private IpCacheCandidate? Unlink(IpCacheCandidate? head, IpCacheCandidate owner)
    {
        IpCacheCandidate? previous = null;
        for (var claim = head; claim is not null; previous = claim, claim = claim.Next)
        {
            if (!claim.HasSameOwner(owner))
            {
                continue;
            }

            var wasConflict = head!.Next is not null;
            var after = previous is null ? claim.Next : head;
            if (previous is not null)
            {
                previous.Next = claim.Next;
            }

            Conflicts -= wasConflict && after!.Next is null ? 1 : 0;
            return after;
        }

        return head;
    }

    private static IpCacheCandidate Link(IpCacheCandidate? head, IpCacheCandidate claim)
    {
        if (head is null || claim.CompareTo(head) < 0)
        {
            claim.Next = head;
            return claim;
        }

        var previous = head;
        while (previous.Next is { } next && next.CompareTo(claim) < 0)
        {
            previous = next;
        }

        claim.Next = previous.Next;
        previous.Next = claim;
        return head;
    }
}
