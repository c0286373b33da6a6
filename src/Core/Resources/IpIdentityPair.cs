using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace KvStoreMesh.Core.Resources;

/// <summary>An IP or CIDR and the identity behind it: <c>cilium/state/ip/v1/default/&lt;ip&gt;[/&lt;ones&gt;]</c>.</summary>
public sealed record IpIdentityPair
{
    /// <summary>The address.</summary>
    public required IPAddress Ip { get; init; }

    /// <summary>The prefix length; null for a single address.</summary>
    public int? PrefixLength { get; init; }

    /// <summary>The node that hosts it; null if unknown.</summary>
    public IPAddress? HostIp { get; init; }

    /// <summary>The security identity.</summary>
    public uint Identity { get; init; }

    /// <summary>The encryption key index of the node; 0 = none.</summary>
    public byte Key { get; init; }

    /// <summary>The pod's namespace; may be empty.</summary>
    public string Namespace { get; init; } = string.Empty;

    /// <summary>The pod's name; may be empty.</summary>
    public string PodName { get; init; } = string.Empty;

    /// <summary>Parses the JSON, or says in <paramref name="error"/> what is wrong with it.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> json, [NotNullWhen(true)] out IpIdentityPair? pair, [NotNullWhen(false)] out string? error) =>
        throw new NotImplementedException();

    /// <summary>
    /// Checks that the key's name is the address and that the identity is in the cluster's range or reserved.
    /// Null if so, else what is wrong.
    /// </summary>
    public string? Validate(uint clusterId, uint maxConnectedClusters, string keyName) => throw new NotImplementedException();
}
