using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json;
using KvStoreMesh.Core.Json;

namespace KvStoreMesh.Core.Resources;

/// <summary>
/// An IP or CIDR and the identity behind it: <c>cilium/state/ip/v1/default/&lt;ip&gt;[/&lt;ones&gt;]</c>
/// (Cilium: pkg/identity/identity.go).
/// </summary>
public sealed record IpIdentityPair
{
    /// <summary>The address; of a CIDR as written, host bits included.</summary>
    public required IPAddress Ip { get; init; }

    /// <summary>The prefix length; null for a single address.</summary>
    public int? PrefixLength { get; init; }

    /// <summary>The node that hosts it; null if unknown.</summary>
    public IPAddress? HostIp { get; init; }

    /// <summary>The security identity as written; see <see cref="NumericIdentity.OfRemote"/>.</summary>
    public uint Identity { get; init; }

    /// <summary>The encryption key index of the node; 0 = none.</summary>
    public byte Key { get; init; }

    /// <summary>The pod's namespace; may be empty.</summary>
    public string Namespace { get; init; } = string.Empty;

    /// <summary>The pod's name; may be empty.</summary>
    public string PodName { get; init; } = string.Empty;

    /// <summary>
    /// Parses the JSON, or says in <paramref name="error"/> what is wrong with it. Fields without a property here are
    /// skipped, whatever they hold.
    /// </summary>
    public static bool TryParse(
        ReadOnlySpan<byte> json, [NotNullWhen(true)] out IpIdentityPair? pair, [NotNullWhen(false)] out string? error) =>
        ResourceJson.TryParse(json, Read, out pair, out error);

    /// <summary>
    /// Checks that the key's name is the address and that the identity is in the cluster's range or reserved.
    /// Null if so, else what is wrong.
    /// </summary>
    /// <param name="clusterId">The id in the config of the cluster that exports it.</param>
    /// <param name="maxConnectedClusters">255 or 511, as in that config; 0 = 255.</param>
    /// <param name="keyName">The key without the resource's prefix.</param>
    public string? Validate(uint clusterId, uint maxConnectedClusters, string keyName)
    {
        var address = GoIpAddress.Format(Ip);
        var expected = PrefixLength is { } ones ? $"{address}/{ones}" : address;
        if (expected != keyName)
        {
            return $"IP address does not match key: expected {Excerpt.Of(keyName)}, got {expected}";
        }

        if (!IdentityRange.TryCreate(clusterId, maxConnectedClusters, out var range, out var error))
        {
            return error;
        }

        return NumericIdentity.IsReserved(Identity) || range.Contains(Identity)
            ? null
            : $"identity {Identity} is neither reserved nor one of cluster ID {clusterId}, which are {range.First} to {range.Last}";
    }

    private static IpIdentityPair Read(ref GoJsonReader json)
    {
        IPAddress? ip = null;
        byte[]? mask = null;
        IPAddress? hostIp = null;
        uint identity = 0;
        byte key = 0;
        var (podNamespace, podName) = (string.Empty, string.Empty);
        for (var open = json.BeginObject(); open && json.NextField();)
        {
            if (json.Is("IP"u8))
            {
                ip = json.ReadIp();
            }
            else if (json.Is("Mask"u8))
            {
                mask = json.ReadMask();
            }
            else if (json.Is("HostIP"u8))
            {
                hostIp = json.ReadIp();
            }
            else if (json.Is("ID"u8))
            {
                json.Read(ref identity);
            }
            else if (json.Is("Key"u8))
            {
                json.Read(ref key);
            }
            else if (json.Is("K8sNamespace"u8))
            {
                json.Read(ref podNamespace);
            }
            else if (json.Is("K8sPodName"u8))
            {
                json.Read(ref podName);
            }
        }

        return new()
        {
            Ip = ip ?? throw new JsonException("the value has no IP"),
            PrefixLength = mask is null ? null : GoNetJson.PrefixLength(ip, mask),
            HostIp = hostIp,
            Identity = identity,
            Key = key,
            Namespace = podNamespace,
            PodName = podName,
        };
    }
}
