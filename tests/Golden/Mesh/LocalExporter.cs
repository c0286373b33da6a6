using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace KvStoreMesh.Golden.Mesh;

/// <summary>
/// Stands in for what exports the local cluster: turns the Services and EndpointSlices of a case into the records that
/// Cilium's exporter writes for them.
/// </summary>
internal sealed class LocalExporter
{
    private readonly Dictionary<string, YamlMappingNode> _services = [];
    private readonly Dictionary<string, YamlMappingNode> _slices = [];

    /// <summary>The affinity that annotations ask for; the record of a service does not carry it.</summary>
    public string? Affinity => _services.Values.Select(service => Annotation(service, "service.cilium.io/affinity"))
        .FirstOrDefault(value => value is "local" or "remote");

    /// <summary>Takes or forgets an object, and returns the services that it is about.</summary>
    public string Apply(string yaml, bool delete)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var root = (YamlMappingNode)stream.Documents[0].RootNode;
        var name = $"{Text(root, "metadata", "namespace")}/{Text(root, "metadata", "name")}";
        var objects = Text(root, "kind") switch
        {
            "Service" => _services,
            "EndpointSlice" => _slices,
            var other => throw new InvalidDataException($"objects of kind {other} are not exported"),
        };
        if (delete)
        {
            objects.Remove(name);
        }
        else
        {
            objects[name] = root;
        }

        return objects == _services ? name : $"{Text(root, "metadata", "namespace")}/{Text(root, "metadata", "labels", "kubernetes.io/service-name")}";
    }

    /// <summary>The record of a service; null if there is no such service.</summary>
    public byte[]? Record(string name, string cluster, uint clusterId)
    {
        if (!_services.TryGetValue(name, out var service))
        {
            return null;
        }

        var ports = Ports(service, "spec", "ports");
        var global = (Annotation(service, "service.cilium.io/global") ?? Annotation(service, "io.cilium/global-service")) == "true";
        var shared = (Annotation(service, "service.cilium.io/shared") ?? Annotation(service, "io.cilium/shared-service")) != "false";
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            cluster,
            @namespace = name.Split('/')[0],
            name = name.Split('/')[1],
            frontends = Texts(service, "spec", "clusterIPs").ToDictionary(ip => ip, _ => ports),
            backends = Backends(name),
            includeExternal = global,
            shared = global && shared,
            clusterID = clusterId,
        });
    }

    private Dictionary<string, Dictionary<string, Port>> Backends(string service)
    {
        var backends = new Dictionary<string, Dictionary<string, Port>>();
        foreach (var slice in _slices.Values.Where(slice =>
            $"{Text(slice, "metadata", "namespace")}/{Text(slice, "metadata", "labels", "kubernetes.io/service-name")}" == service))
        {
            var ports = Ports(slice, "ports");
            foreach (var endpoint in Nodes(slice, "endpoints").Where(endpoint =>
                Text(endpoint, "conditions", "ready") != "false" || Text(endpoint, "conditions", "serving") == "true"))
            {
                foreach (var address in Texts(endpoint, "addresses"))
                {
                    backends[address] = ports;
                }
            }
        }

        return backends;
    }

    private static Dictionary<string, Port> Ports(YamlMappingNode node, params string[] path) => Nodes(node, path).ToDictionary(
        port => Text(port, "name") ?? string.Empty,
        port => new Port(Text(port, "protocol") ?? "TCP", ushort.Parse(Text(port, "port")!, System.Globalization.CultureInfo.InvariantCulture)));

    private static string? Annotation(YamlMappingNode service, string name) => Text(service, "metadata", "annotations", name);

    private static string? Text(YamlMappingNode node, params string[] path) => (Find(node, path) as YamlScalarNode)?.Value;

    private static IEnumerable<string> Texts(YamlMappingNode node, params string[] path) =>
        Find(node, path) is YamlSequenceNode list ? list.Children.Cast<YamlScalarNode>().Select(text => text.Value!) : [];

    private static IEnumerable<YamlMappingNode> Nodes(YamlMappingNode node, params string[] path) =>
        Find(node, path) is YamlSequenceNode list ? list.Children.Cast<YamlMappingNode>() : [];

    private static YamlNode? Find(YamlNode node, string[] path) => path.Aggregate<string, YamlNode?>(
        node, (at, name) => at is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null);

    private sealed record Port(string Protocol, [property: System.Text.Json.Serialization.JsonPropertyName("Port")] ushort Number);
}
