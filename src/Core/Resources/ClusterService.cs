using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Json;

namespace KvStoreMesh.Core.Resources;

/// <summary>
/// A service as one cluster exports it: <c>cilium/state/services/v1/&lt;c&gt;/&lt;namespace&gt;/&lt;name&gt;</c>
/// (Cilium: pkg/clustermesh/store/store.go).
/// </summary>
public sealed record ClusterService
{
    /// <summary>The exporting cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>The Kubernetes namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The Kubernetes name.</summary>
    public required string Name { get; init; }

    /// <summary>Cluster IP → port name → port. Empty for headless services.</summary>
    public required IReadOnlyDictionary<IPAddress, IReadOnlyDictionary<string, L4Port>> Frontends { get; init; }

    /// <summary>Backend IP → port name → port. An unnamed port has the empty name.</summary>
    public required IReadOnlyDictionary<IPAddress, IReadOnlyDictionary<string, L4Port>> Backends { get; init; }

    /// <summary>The cluster consumes backends of other clusters.</summary>
    public bool IncludeExternal { get; init; }

    /// <summary>The cluster offers its backends to others.</summary>
    public bool Shared { get; init; }

    /// <summary>The id of the exporting cluster.</summary>
    public uint ClusterId { get; init; }

    /// <summary>
    /// Parses the JSON, or says in <paramref name="error"/> what is wrong with it. Fields without a property here are
    /// skipped, whatever they hold.
    /// </summary>
    public static bool TryParse(
        ReadOnlySpan<byte> json, [NotNullWhen(true)] out ClusterService? service, [NotNullWhen(false)] out string? error) =>
        ResourceJson.TryParse(json, Read, out service, out error);

    /// <summary>
    /// Checks that the value belongs where it was found: names not empty, cluster, <c>namespace/name</c> and id as expected.
    /// Null if so, else what is wrong.
    /// </summary>
    /// <param name="cluster">The cluster that exports it.</param>
    /// <param name="clusterId">The id in that cluster's config.</param>
    /// <param name="keyName">The key without the resource's prefix.</param>
    public string? Validate(ClusterName cluster, uint clusterId, string keyName) => this switch
    {
        { Cluster: "" } => "cluster is unset",
        { Namespace: "" } => "namespace is unset",
        { Name: "" } => "name is unset",
        _ when Cluster != cluster.Value => $"unexpected cluster name: got {Excerpt.Of(Cluster)}, expected {cluster}",
        _ when $"{Namespace}/{Name}" is var name && name != keyName =>
            $"namespaced name does not match key: got {Excerpt.Of(name)}, expected {Excerpt.Of(keyName)}",
        _ when ClusterId != clusterId => $"unexpected cluster ID: got {ClusterId}, expected {clusterId}",
        _ => null,
    };

    private static ClusterService Read(ref GoJsonReader json)
    {
        var (cluster, serviceNamespace, name) = (string.Empty, string.Empty, string.Empty);
        var (includeExternal, shared) = (false, false);
        uint clusterId = 0;
        var frontends = new Dictionary<IPAddress, IReadOnlyDictionary<string, L4Port>>();
        var backends = new Dictionary<IPAddress, IReadOnlyDictionary<string, L4Port>>();
        for (var open = json.BeginObject(); open && json.NextField();)
        {
            if (json.Is("cluster"u8))
            {
                json.Read(ref cluster);
            }
            else if (json.Is("namespace"u8))
            {
                json.Read(ref serviceNamespace);
            }
            else if (json.Is("name"u8))
            {
                json.Read(ref name);
            }
            else if (json.Is("frontends"u8))
            {
                ReadAddresses(ref json, frontends);
            }
            else if (json.Is("backends"u8))
            {
                ReadAddresses(ref json, backends);
            }
            else if (json.Is("includeExternal"u8))
            {
                json.Read(ref includeExternal);
            }
            else if (json.Is("shared"u8))
            {
                json.Read(ref shared);
            }
            else if (json.Is("clusterID"u8))
            {
                json.Read(ref clusterId);
            }
        }

        return new()
        {
            Cluster = cluster,
            Namespace = serviceNamespace,
            Name = name,
            Frontends = frontends,
            Backends = backends,
            IncludeExternal = includeExternal,
            Shared = shared,
            ClusterId = clusterId,
        };
    }

    // A second map of the same name is merged into the first, and null clears it, as in Go.
    private static void ReadAddresses(ref GoJsonReader json, Dictionary<IPAddress, IReadOnlyDictionary<string, L4Port>> addresses)
    {
        var field = json.FieldName;
        if (!json.BeginObject())
        {
            addresses.Clear();
            return;
        }

        while (json.NextField())
        {
            var text = json.FieldName;
            if (!GoIpAddress.TryParse(text, out var ip))
            {
                throw new JsonException($"\"{Excerpt.Of(field)}\": '{Excerpt.Of(text)}' is not an IP address");
            }

            var ports = ReadPorts(ref json, text);
            if (addresses.TryGetValue(ip, out var others))
            {
                // The same address in two spellings has the ports of both.
                ports = Union(others, ports);
            }

            addresses[ip] = ports;
        }
    }

    private static Dictionary<string, L4Port> ReadPorts(ref GoJsonReader json, string address)
    {
        var ports = new Dictionary<string, L4Port>(StringComparer.Ordinal);
        for (var open = json.BeginObject(); open && json.NextField();)
        {
            var name = json.FieldName;
            var protocol = string.Empty;
            ushort port = 0;
            if (!json.BeginObject())
            {
                throw new JsonException($"port '{Excerpt.Of(name)}' of {address} is null");
            }

            while (json.NextField())
            {
                if (json.Is("Protocol"u8))
                {
                    json.Read(ref protocol);
                }
                else if (json.Is("Port"u8))
                {
                    json.Read(ref port);
                }
            }

            ports[name] = new(protocol, port);
        }

        return ports;
    }

    private static Dictionary<string, L4Port> Union(IReadOnlyDictionary<string, L4Port> first, Dictionary<string, L4Port> second)
    {
        var union = new Dictionary<string, L4Port>(first, StringComparer.Ordinal);
        foreach (var (name, port) in second)
        {
            union[name] = port;
        }

        return union;
    }
}
