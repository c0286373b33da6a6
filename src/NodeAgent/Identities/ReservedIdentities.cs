using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.NodeAgent.Identities;

/// <summary>The identities that mean the same everywhere (Cilium: pkg/identity/numericidentity.go).</summary>
public static class ReservedIdentities
{
    /// <summary>This node.</summary>
    public const string Host = "host";

    /// <summary>Everything outside of the mesh.</summary>
    public const string World = "world";

    /// <summary>What is outside, over IPv4: the datapath tells the families apart.</summary>
    public const string WorldIpv4 = "world-ipv4";

    /// <summary>What is outside, over IPv6.</summary>
    public const string WorldIpv6 = "world-ipv6";

    /// <summary>The number of <see cref="WorldIpv4"/>.</summary>
    public const uint WorldIpv4Id = 9;

    /// <summary>The number of <see cref="WorldIpv6"/>.</summary>
    public const uint WorldIpv6Id = 10;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SecurityIdentity> All { get; } =
    [
        Of(NumericIdentity.Host, Host),
        Of(NumericIdentity.World, World),
        Of(3, "unmanaged"),
        Of(NumericIdentity.Health, "health"),
        Of(5, "init"),
        Of(NumericIdentity.RemoteNode, "remote-node"),
        Of(7, "kube-apiserver", "remote-node"),
        Of(NumericIdentity.Ingress, "ingress"),
        Of(WorldIpv4Id, WorldIpv4),
        Of(WorldIpv6Id, WorldIpv6),
    ];

    private static SecurityIdentity Of(uint id, params string[] names) =>
        new(id, [.. names.Select(name => new IdentityLabel(IdentityLabel.Reserved, name, string.Empty))]);
}
