using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.Manifests;
using KvStoreMesh.NodeAgent.Policy;

namespace KvStoreMesh.NodeAgent.Endpoints;

/// <summary>Reads the endpoints of a file: one mapping a document, with name, namespace, labels, ips, and interface or cgroup.</summary>
internal static class EndpointParser
{
    private const int MaxIps = 16;
    private const int MaxInterfaceName = 15;

    // A directory of the bpffs has the name, and file names end at 255 bytes.
    private const int MaxName = 180;
    private const int MaxNamespace = 63;

    /// <exception cref="ManifestException">Something in it cannot be used; nothing of the file counts then.</exception>
    public static IReadOnlyList<LocalEndpoint> Parse(string file, string text)
    {
        var documents = YamlDocuments.Read(text);
        return documents.Count > 0
            ? [.. documents.Select(document => Parse(ManifestFields.Of(string.Empty, document)))]
            : throw new ManifestException(1, string.Empty, "is empty; to drop its endpoints, remove the file");
    }

    private static LocalEndpoint Parse(ManifestFields fields)
    {
        var endpoint = new LocalEndpoint(
            Name(fields, "namespace", MaxNamespace) ?? "default",
            Name(fields, "name", MaxName) ?? throw fields.Refuse("name", "must be there"),
            [.. fields.TakeTextMapping("labels").Select(Label)],
            [.. (fields.TakeTexts("ips", MaxIps) ?? []).Select(ip => Ip(fields, ip))],
            fields.TakeText("interface"),
            fields.TakeText("cgroup"),
            fields.TakeNumber("id", 1, ushort.MaxValue) is { } id ? (ushort)id : null);
        fields.RefuseRest();
        if ((endpoint.Interface is null) == (endpoint.Cgroup is null))
        {
            throw fields.Refuse(string.Empty, "must have one of interface and cgroup: where its traffic passes");
        }

        if (endpoint.Interface is { Length: 0 or > MaxInterfaceName })
        {
            throw fields.Refuse("interface", $"must be the name of an interface, of at most {MaxInterfaceName} characters");
        }

        return endpoint.Cgroup is null || Path.IsPathRooted(endpoint.Cgroup)
            ? endpoint
            : throw fields.Refuse("cgroup", "must be the absolute path of a cgroup2 directory");
    }

    private static IdentityLabel Label(KeyValuePair<string, string> label)
    {
        var key = LabelKey.Parse(label.Key);
        return new(key.Source == LabelKey.Any ? IdentityLabel.Kubernetes : key.Source, key.Key, label.Value);
    }

    private static IpPrefix Ip(ManifestFields fields, string text) => GoIpAddress.TryParse(text, out var address)
        ? IpPrefix.Host(address)
        : throw fields.Refuse("ips", $"has '{text}', which is no IP address");

    private static string? Name(ManifestFields fields, string field, int max)
    {
        var name = fields.TakeText(field);
        return name is null || (name.Length > 0 && name.Length <= max && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'))
            ? name
            : throw fields.Refuse(field, $"must be lower-case letters, digits, dashes and dots, at most {max}");
    }
}
