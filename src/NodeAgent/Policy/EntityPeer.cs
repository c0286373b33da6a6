using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.Identities;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>Identities by what they are: fromEntities, toEntities (Cilium: pkg/policy/api/entity.go).</summary>
public sealed class EntityPeer : PeerSelector
{
    private static readonly string[] World = [ReservedIdentities.World, ReservedIdentities.WorldIpv4, ReservedIdentities.WorldIpv6];
    private static readonly string[] InCluster = ["host", "remote-node", "init", "ingress", "health", "unmanaged", "kube-apiserver"];

    private readonly string[] _reserved;
    private readonly ClusterName? _cluster;

    private EntityPeer(string entity, string[] reserved, ClusterName? cluster = null) => (Text, _reserved, _cluster) = ($"entity {entity}", reserved, cluster);

    /// <summary>The names of entities.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "all", "world", "world-ipv4", "world-ipv6", "host", "remote-node", "cluster", "kube-apiserver", "ingress", "health", "init", "unmanaged", "none",
    ];

    /// <inheritdoc />
    public override string Text { get; }

    /// <summary>The selector of an entity; null if it has no such name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="localCluster">Whose pods the entity <c>cluster</c> means; null: nobody's.</param>
    public static PeerSelector? Of(string name, ClusterName? localCluster) => name switch
    {
        "all" => new AnyPeer(),
        "world" => new EntityPeer(name, World),
        "world-ipv4" => new EntityPeer(name, [ReservedIdentities.WorldIpv4]),
        "world-ipv6" => new EntityPeer(name, [ReservedIdentities.WorldIpv6]),
        "cluster" => new EntityPeer(name, InCluster, localCluster),
        "none" => new EntityPeer(name, []),
        _ when Names.Contains(name) => new EntityPeer(name, [name]),
        _ => null,
    };

    /// <inheritdoc />
    public override bool Matches(SecurityIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return identity.Labels.Any(label =>
            (label.Source == IdentityLabel.Reserved && _reserved.Contains(label.Key))
            || (_cluster is { } cluster && label.Key == IdentityLabels.ClusterKey && label.Value == cluster.Value));
    }
}
