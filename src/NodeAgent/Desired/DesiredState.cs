using System.Net;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.Clusters;
using KvStoreMesh.NodeAgent.Identities;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.Nodes;
using KvStoreMesh.NodeAgent.Replica;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Desired;

/// <summary>
/// Parses and checks what the replica holds, and feeds the tables.
/// </summary>
/// <remarks>
/// Values of a cluster count only while its config is known and its id is its own; what came before the config is read
/// again when it does. A value that does not parse or does not belong where it was found is reported and leaves its
/// predecessor in force (Cilium: pkg/clustermesh/store/store.go). Not thread-safe: owned by the apply loop.
/// </remarks>
public sealed class DesiredState
{
    private readonly ClusterDirectory _clusters;
    private readonly Dictionary<(ClusterName Cluster, MeshKey Key), InvalidValue> _invalid = [];

    /// <summary>Creates an empty state.</summary>
    /// <param name="localCluster">The cluster this node is in; null if not known.</param>
    /// <param name="nodeName">This node.</param>
    /// <param name="nodeIp">This node's address; null if not told.</param>
    /// <param name="prefersReachable">Backends of clusters that cannot be reached stand back behind others.</param>
    public DesiredState(ClusterName? localCluster, string nodeName, IPAddress? nodeIp, bool prefersReachable = false)
    {
        _clusters = new ClusterDirectory(localCluster);
        Services = new ServiceTable(localCluster, nodeName, prefersReachable);
        IpCache = new IpCacheTable(localCluster, nodeName, nodeIp);
        Identities = new IdentityTable(localCluster);
    }

    /// <summary>The merged services.</summary>
    public ServiceTable Services { get; }

    /// <summary>The merged addresses.</summary>
    public IpCacheTable IpCache { get; }

    /// <summary>The identities.</summary>
    public IdentityTable Identities { get; }

    /// <summary>The nodes.</summary>
    public NodeTable Nodes { get; } = new();

    /// <summary>Keys whose current value cannot be used.</summary>
    public IReadOnlyCollection<InvalidValue> Invalid => _invalid.Values;

    /// <summary>How a cluster stands.</summary>
    public ClusterStanding StandingOf(ClusterName cluster) => _clusters.Get(cluster);

    /// <summary>Applies changes of the replica; returns the values among them that cannot be used.</summary>
    public IReadOnlyList<InvalidValue> Apply(MeshReplica replica, IReadOnlyList<ReplicaChange> changes)
    {
        ArgumentNullException.ThrowIfNull(replica);
        ArgumentNullException.ThrowIfNull(changes);
        List<InvalidValue> refused = [];

        // A config first, whatever its place in the group: it decides how the rest is read. Where it changes that, all that
        // the replica holds is read, the rest of this group included.
        HashSet<ClusterName> reread = [];
        foreach (var change in changes.Where(change => change.Key.Kind == ResourceKind.ClusterConfig))
        {
            reread.UnionWith(TakeConfig(replica, change, refused));
        }

        foreach (var change in changes.Where(change => change.Key.Kind != ResourceKind.ClusterConfig))
        {
            if (change.Value is null || !reread.Contains(change.Cluster))
            {
                Take(change, refused);
            }
        }

        return refused;
    }

    /// <summary>Forgets a cluster that was told gone, after its deletions have been applied.</summary>
    public void Remove(MeshReplica replica, ClusterName cluster) => Reread(replica, _clusters.Remove(cluster), []);

    /// <summary>Returns the clusters that stand differently since, and were read again.</summary>
    private IReadOnlyList<ClusterName> TakeConfig(MeshReplica replica, in ReplicaChange change, List<InvalidValue> refused)
    {
        // A draining exporter deletes the config before the data: the last one stays in force until the cluster is told gone.
        _invalid.Remove((change.Cluster, change.Key));
        if (change.Value is not { } value)
        {
            return [];
        }

        if (!CiliumClusterConfig.TryParse(value.Span, out var config, out var error))
        {
            Refuse(change, error, refused);
            return [];
        }

        // As any other value that cannot be: what the cluster was goes on, or a slip at the source would withdraw all of it.
        if (_clusters.Get(change.Cluster).IsUsable && _clusters.ProblemOf(change.Cluster, config) is { } impossible)
        {
            Refuse(change, impossible, refused);
            return [];
        }

        var changed = _clusters.Upsert(change.Cluster, config);
        Reread(replica, changed, refused);
        if (_clusters.Get(change.Cluster).Problem is { } problem)
        {
            Refuse(change, problem, refused);
        }

        return changed;
    }

    /// <summary>Takes everything of these clusters again under their new standing: usable or not, or under another id.</summary>
    private void Reread(MeshReplica replica, IReadOnlyList<ClusterName> clusters, List<InvalidValue> refused)
    {
        foreach (var name in clusters)
        {
            if (!replica.TryGet(name, out var cluster))
            {
                continue;
            }

            var usable = _clusters.Get(name).IsUsable;
            foreach (var (key, entry) in cluster.Entries)
            {
                if (key.Kind != ResourceKind.ClusterConfig)
                {
                    Withdraw(name, key);
                    if (usable)
                    {
                        Take(new ReplicaChange(name, key, entry.Value, 0), refused);
                    }
                }
            }
        }
    }

    private void Take(in ReplicaChange change, List<InvalidValue> refused)
    {
        if (change.Value is not { } value)
        {
            Withdraw(change.Cluster, change.Key);
            return;
        }

        var standing = _clusters.Get(change.Cluster);
        if (!standing.IsUsable)
        {
            return;
        }

        var error = change.Key.Kind switch
        {
            ResourceKind.Services => TakeService(change, value.Span, standing),
            ResourceKind.Nodes => TakeNode(change, value.Span, standing),
            ResourceKind.Endpoints => TakeEndpoint(change, value.Span, standing),
            ResourceKind.Identities => TakeIdentity(change, value.Span, standing),
            _ => null,
        };
        _invalid.Remove((change.Cluster, change.Key));
        if (error is not null)
        {
            Refuse(change, error, refused);
        }
    }

    private string? TakeService(in ReplicaChange change, ReadOnlySpan<byte> value, ClusterStanding standing)
    {
        if (!ClusterService.TryParse(value, out var service, out var error))
        {
            return error;
        }

        error = service.Validate(change.Cluster, standing.Id, change.Key.Name);
        if (error is null)
        {
            Services.Upsert(change.Cluster, service);
        }

        return error;
    }

    private string? TakeNode(in ReplicaChange change, ReadOnlySpan<byte> value, ClusterStanding standing)
    {
        if (!CiliumNode.TryParse(value, out var node, out var error))
        {
            return error;
        }

        error = node.Validate(change.Cluster, standing.Id, change.Key.Name);
        if (error is null)
        {
            IpCache.UpsertNode(change.Cluster, node);
            Nodes.Upsert(change.Cluster, node);
        }

        return error;
    }

    private string? TakeEndpoint(in ReplicaChange change, ReadOnlySpan<byte> value, ClusterStanding standing)
    {
        if (!IpIdentityPair.TryParse(value, out var pair, out var error))
        {
            return error;
        }

        error = pair.Validate(standing.Id, standing.MaxConnectedClusters, change.Key.Name);
        if (error is null)
        {
            IpCache.UpsertEndpoint(change.Cluster, change.Key.Name, pair);
        }

        return error;
    }

    private string? TakeIdentity(in ReplicaChange change, ReadOnlySpan<byte> value, ClusterStanding standing)
    {
        if (!IdentityLabels.TryParse(value, out var labels, out var error))
        {
            return error;
        }

        error = labels.Validate(change.Cluster, standing.Id, standing.MaxConnectedClusters, change.Key.Name);
        if (error is null)
        {
            Identities.Upsert(change.Cluster, change.Key.Name, labels);
        }

        return error;
    }

    private void Withdraw(ClusterName cluster, MeshKey key)
    {
        _invalid.Remove((cluster, key));
        switch (key.Kind)
        {
            case ResourceKind.Services:
                Services.Remove(cluster, key.Name);
                break;
            case ResourceKind.Nodes:
                IpCache.RemoveNode(cluster, key.Name);
                Nodes.Remove(cluster, key.Name);
                break;
            case ResourceKind.Endpoints:
                IpCache.RemoveEndpoint(cluster, key.Name);
                break;
            case ResourceKind.Identities:
                Identities.Remove(cluster, key.Name);
                break;
        }
    }

    private void Refuse(in ReplicaChange change, string reason, List<InvalidValue> refused)
    {
        var invalid = new InvalidValue(change.Cluster, change.Key, reason, change.Seq);
        _invalid[(change.Cluster, change.Key)] = invalid;
        refused.Add(invalid);
    }
}
