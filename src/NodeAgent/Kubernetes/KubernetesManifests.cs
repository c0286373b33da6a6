using System.Net;
using System.Net.Sockets;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.LoadBalancing;
using KvStoreMesh.NodeAgent.Manifests;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Kubernetes;

/// <summary>
/// Reads Services and EndpointSlices off a manifest as <c>kubectl get -o yaml</c> writes it: several documents, or a List. Objects
/// of other kinds and fields that do not matter here are passed over, since manifests are full of both.
/// </summary>
internal static class KubernetesManifests
{
    private const int MaxItems = 10_000;
    private const string ServiceNameLabel = "kubernetes.io/service-name";
    private const uint DefaultAffinitySeconds = 10800;

    /// <summary>The objects of a file.</summary>
    /// <exception cref="ManifestException">Something in it is not as Kubernetes has it.</exception>
    public static IReadOnlyList<KubernetesObject> Parse(string file, string text)
    {
        List<KubernetesObject> objects = [];
        foreach (var document in YamlDocuments.Read(text))
        {
            Read(ManifestFields.Of(string.Empty, document), objects);
        }

        return objects;
    }

    private static void Read(ManifestFields fields, List<KubernetesObject> objects)
    {
        switch (fields.TakeText("kind") ?? throw fields.Refuse("kind", "is missing; it must be Service, EndpointSlice or another kind"))
        {
            case "Service":
                objects.Add(Service(fields));
                break;
            case "EndpointSlice":
                objects.Add(EndpointSlice(fields));
                break;
            case "List" or "ServiceList" or "EndpointSliceList":
                foreach (var (path, item) in fields.TakeList("items", MaxItems) ?? [])
                {
                    Read(ManifestFields.Of(path, item), objects);
                }

                break;
        }
    }

    private static ServiceManifest Service(ManifestFields fields)
    {
        var metadata = Metadata(fields);
        var spec = fields.TakeMapping("spec") ?? throw fields.Refuse("spec", "is missing");
        var ips = spec.TakeTexts("clusterIPs", 2) ?? (spec.TakeText("clusterIP") is { } one ? [one] : []);
        var affinity = spec.TakeText("sessionAffinity");
        if (affinity is not (null or "" or "None" or "ClientIP"))
        {
            throw spec.Refuse("sessionAffinity", "must be None or ClientIP");
        }

        var policy = spec.TakeText("internalTrafficPolicy");
        if (policy is not (null or "Cluster" or "Local"))
        {
            throw spec.Refuse("internalTrafficPolicy", "must be Cluster or Local");
        }

        var timeout = spec.TakeMapping("sessionAffinityConfig")?.TakeMapping("clientIP")?.TakeNumber(
            "timeoutSeconds", 1, (int)ServiceSlot.MaxAffinitySeconds);
        return new(
            metadata.Namespace,
            metadata.Name,
            ServiceAnnotations.Read(metadata.Annotations),
            spec.TakeText("type") == "ExternalName" ? [] : [.. ips.Where(ip => ip is not ("" or "None")).Select(ip => Ip(spec, "clusterIPs", ip))],
            Ports(spec, isNumberNeeded: true),
            affinity == "ClientIP" ? (uint?)timeout ?? DefaultAffinitySeconds : 0,
            policy == "Local");
    }

    private static EndpointSliceManifest EndpointSlice(ManifestFields fields)
    {
        var metadata = Metadata(fields);
        var family = fields.TakeText("addressType") switch
        {
            "IPv4" => AddressFamily.InterNetwork,
            "IPv6" => AddressFamily.InterNetworkV6,
            "FQDN" => AddressFamily.Unspecified,
            _ => throw fields.Refuse("addressType", "must be IPv4, IPv6 or FQDN"),
        };
        var endpoints = family == AddressFamily.Unspecified ? [] : fields.TakeList("endpoints", MaxItems) ?? [];
        return new(
            metadata.Namespace,
            metadata.Name,
            metadata.Labels.GetValueOrDefault(ServiceNameLabel) ?? string.Empty,
            Ports(fields, isNumberNeeded: false),
            [.. endpoints.Select(item => Endpoint(ManifestFields.Of(item.Path, item.Node), family))]);
    }

    private static SliceEndpoint Endpoint(ManifestFields fields, AddressFamily family)
    {
        var conditions = fields.TakeMapping("conditions");
        var addresses = (fields.TakeTexts("addresses", 100) ?? throw fields.Refuse("addresses", "is missing"))
            .Select(text => Ip(fields, "addresses", text)).ToList();
        if (addresses.Exists(address => address.AddressFamily != family))
        {
            throw fields.Refuse("addresses", "has an address that is not of the slice's addressType");
        }

        return new(
            addresses,
            SliceEndpoint.StateOf(
                conditions?.TakeBoolean("ready"), conditions?.TakeBoolean("serving"), conditions?.TakeBoolean("terminating")),
            fields.TakeText("nodeName") ?? string.Empty);
    }

    /// <summary>A port of a slice without a number stands for all ports, which leads nowhere.</summary>
    private static List<ManifestPort> Ports(ManifestFields fields, bool isNumberNeeded)
    {
        List<ManifestPort> ports = [];
        foreach (var (path, node) in fields.TakeList("ports", 1000) ?? [])
        {
            var port = ManifestFields.Of(path, node);
            var protocol = port.TakeText("protocol") ?? "TCP";
            var number = port.TakeNumber("port", 1, ushort.MaxValue);
            if (number is null && isNumberNeeded)
            {
                throw port.Refuse("port", "is missing");
            }

            if (number is { } value)
            {
                ports.Add(new(
                    port.TakeText("name") ?? string.Empty,
                    protocol is "TCP" or "UDP" or "SCTP"
                        ? L3n4Addr.ParseProtocol(protocol)!.Value
                        : throw port.Refuse("protocol", "must be TCP, UDP or SCTP"),
                    (ushort)value));
            }
        }

        return ports;
    }

    private static (string Namespace, string Name, Dictionary<string, string> Annotations, Dictionary<string, string> Labels) Metadata(
        ManifestFields fields)
    {
        var metadata = fields.TakeMapping("metadata") ?? throw fields.Refuse("metadata", "is missing");
        return (
            metadata.TakeText("namespace") is { Length: > 0 } name ? name : "default",
            metadata.TakeText("name") is { Length: > 0 } own ? own : throw metadata.Refuse("name", "is missing"),
            metadata.TakeTextMapping("annotations").ToDictionary(StringComparer.Ordinal),
            metadata.TakeTextMapping("labels").ToDictionary(StringComparer.Ordinal));
    }

    private static IPAddress Ip(ManifestFields fields, string field, string text) =>
        GoIpAddress.TryParse(text, out var address) ? address : throw fields.Refuse(field, $"has '{(text.Length > 50 ? text[..50] : text)}', which is no IP address");
}
