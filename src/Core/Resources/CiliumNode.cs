using System.Diagnostics.CodeAnalysis;
using System.Net;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Core.Resources;

/// <summary>A node of a cluster: <c>cilium/state/nodes/v1/&lt;c&gt;/&lt;node&gt;</c>.</summary>
public sealed record CiliumNode
{
    /// <summary>The node's name.</summary>
    public required string Name { get; init; }

    /// <summary>The cluster's name.</summary>
    public required string Cluster { get; init; }

    /// <summary>The cluster's id.</summary>
    public uint ClusterId { get; init; }

    /// <summary>Its addresses in the order of the source.</summary>
    public IReadOnlyList<NodeAddress> Addresses { get; init; } = [];

    /// <summary>Pod CIDRs of both families, the primary ones first.</summary>
    public IReadOnlyList<IPNetwork> AllocCidrs { get; init; } = [];

    /// <summary>Addresses of the health endpoint, both families.</summary>
    public IReadOnlyList<IPAddress> HealthIps { get; init; } = [];

    /// <summary>Addresses of the ingress endpoint, both families.</summary>
    public IReadOnlyList<IPAddress> IngressIps { get; init; } = [];

    /// <summary>The encryption key index; 0 = none.</summary>
    public byte EncryptionKey { get; init; }

    /// <summary>Parses the JSON, or says in <paramref name="error"/> what is wrong with it.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> json, [NotNullWhen(true)] out CiliumNode? node, [NotNullWhen(false)] out string? error) =>
        throw new NotImplementedException();

    /// <summary>Checks names and id against where the value was found. Null if they fit, else what is wrong.</summary>
    public string? Validate(ClusterName cluster, uint clusterId, string keyName) => throw new NotImplementedException();
}
