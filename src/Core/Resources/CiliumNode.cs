using System.Diagnostics.CodeAnalysis;
using System.Net;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Json;

namespace KvStoreMesh.Core.Resources;

/// <summary>
/// A node of a cluster: <c>cilium/state/nodes/v1/&lt;c&gt;/&lt;node&gt;</c> (Cilium: pkg/node/types/node.go).
/// </summary>
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

    /// <summary>Pod CIDRs of both families without host bits, the primary ones first.</summary>
    public IReadOnlyList<IPNetwork> AllocCidrs { get; init; } = [];

    /// <summary>Addresses of the health endpoint, both families.</summary>
    public IReadOnlyList<IPAddress> HealthIps { get; init; } = [];

    /// <summary>Addresses of the ingress endpoint, both families.</summary>
    public IReadOnlyList<IPAddress> IngressIps { get; init; } = [];

    /// <summary>The encryption key index; 0 = none.</summary>
    public byte EncryptionKey { get; init; }

    /// <summary>
    /// Parses the JSON, or says in <paramref name="error"/> what is wrong with it. Fields without a property here are
    /// skipped, whatever they hold.
    /// </summary>
    public static bool TryParse(
        ReadOnlySpan<byte> json, [NotNullWhen(true)] out CiliumNode? node, [NotNullWhen(false)] out string? error) =>
        ResourceJson.TryParse(json, Read, out node, out error);

    /// <summary>Checks names and id against where the value was found. Null if they fit, else what is wrong.</summary>
    /// <param name="cluster">The cluster that exports it.</param>
    /// <param name="clusterId">The id in that cluster's config.</param>
    /// <param name="keyName">The key without the resource's prefix.</param>
    public string? Validate(ClusterName cluster, uint clusterId, string keyName) => this switch
    {
        { Cluster: "" } => "cluster is unset",
        { Name: "" } => "name is unset",
        _ when Cluster != cluster.Value => $"unexpected cluster name: got {Excerpt.Of(Cluster)}, expected {cluster}",
        _ when Name != keyName => $"name does not match key: got {Excerpt.Of(Name)}, expected {Excerpt.Of(keyName)}",
        _ when ClusterId != clusterId => $"unexpected cluster ID: got {ClusterId}, expected {clusterId}",
        _ => null,
    };

    private static CiliumNode Read(ref GoJsonReader json)
    {
        var fields = new Fields();
        for (var open = json.BeginObject(); open && json.NextField();)
        {
            fields.ReadField(ref json);
        }

        return fields.ToNode();
    }

    private static List<NodeAddress> ReadAddresses(ref GoJsonReader json)
    {
        var addresses = new List<NodeAddress>();
        for (var open = json.BeginArray(); open && json.NextItem();)
        {
            var type = string.Empty;
            IPAddress? ip = null;
            for (var item = json.BeginObject(); item && json.NextField();)
            {
                if (json.Is("Type"u8))
                {
                    json.Read(ref type);
                }
                else if (json.Is("IP"u8))
                {
                    ip = json.ReadIp();
                }
            }

            // Host names come as an address without an IP.
            if (ip is not null)
            {
                addresses.Add(new(type, ip));
            }
        }

        return addresses;
    }

    private static List<IPNetwork> ReadNetworks(ref GoJsonReader json)
    {
        var networks = new List<IPNetwork>();
        for (var open = json.BeginArray(); open && json.NextItem();)
        {
            if (json.ReadNetwork() is { } network)
            {
                networks.Add(network);
            }
        }

        return networks;
    }

    private struct Fields()
    {
        private string _name = string.Empty;
        private string _cluster = string.Empty;
        private uint _clusterId;
        private byte _encryptionKey;
        private List<NodeAddress> _addresses = [];
        private IPNetwork? _allocV4;
        private IPNetwork? _allocV6;
        private List<IPNetwork> _secondaryV4 = [];
        private List<IPNetwork> _secondaryV6 = [];
        private IPAddress? _healthV4;
        private IPAddress? _healthV6;
        private IPAddress? _ingressV4;
        private IPAddress? _ingressV6;

        public void ReadField(ref GoJsonReader json)
        {
            if (json.Is("Name"u8))
            {
                json.Read(ref _name);
            }
            else if (json.Is("Cluster"u8))
            {
                json.Read(ref _cluster);
            }
            else if (json.Is("IPAddresses"u8))
            {
                _addresses = ReadAddresses(ref json);
            }
            else if (json.Is("IPv4AllocCIDR"u8))
            {
                _allocV4 = json.ReadNetwork();
            }
            else if (json.Is("IPv4SecondaryAllocCIDRs"u8))
            {
                _secondaryV4 = ReadNetworks(ref json);
            }
            else if (json.Is("IPv6AllocCIDR"u8))
            {
                _allocV6 = json.ReadNetwork();
            }
            else if (json.Is("IPv6SecondaryAllocCIDRs"u8))
            {
                _secondaryV6 = ReadNetworks(ref json);
            }
            else if (json.Is("IPv4HealthIP"u8))
            {
                _healthV4 = json.ReadIp();
            }
            else if (json.Is("IPv6HealthIP"u8))
            {
                _healthV6 = json.ReadIp();
            }
            else if (json.Is("IPv4IngressIP"u8))
            {
                _ingressV4 = json.ReadIp();
            }
            else if (json.Is("IPv6IngressIP"u8))
            {
                _ingressV6 = json.ReadIp();
            }
            else if (json.Is("ClusterID"u8))
            {
                json.Read(ref _clusterId);
            }
            else if (json.Is("EncryptionKey"u8))
            {
                json.Read(ref _encryptionKey);
            }
        }

        public readonly CiliumNode ToNode() => new()
        {
            Name = _name,
            Cluster = _cluster,
            ClusterId = _clusterId,
            Addresses = _addresses,
            AllocCidrs = [.. new[] { _allocV4, _allocV6 }.OfType<IPNetwork>(), .. _secondaryV4, .. _secondaryV6],
            HealthIps = [.. new[] { _healthV4, _healthV6 }.OfType<IPAddress>()],
            IngressIps = [.. new[] { _ingressV4, _ingressV6 }.OfType<IPAddress>()],
            EncryptionKey = _encryptionKey,
        };
    }
}
