using System.Globalization;
using KvStoreMesh.NodeAgent.Manifests;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>Reads toPorts and icmps.</summary>
internal static class PortParser
{
    private const int MaxPorts = 40;

    // What Cilium makes of a port without a protocol.
    private static readonly byte[] AnyProtocol = [PortRange.Tcp, PortRange.Udp, PortRange.Sctp];

    /// <summary>The ports of a rule; null if it names none.</summary>
    /// <exception cref="ManifestException">They cannot be applied.</exception>
    public static IReadOnlyList<PortRange>? Parse(ManifestFields rule)
    {
        List<PortRange> ranges = [];
        foreach (var (path, node) in rule.TakeList("toPorts", MaxPorts) ?? [])
        {
            var item = ManifestFields.Of(path, node);
            var ports = item.TakeList("ports", MaxPorts);
            item.RefuseRest();
            foreach (var (portPath, port) in ports ?? throw item.Refuse("ports", "must be there"))
            {
                ranges.AddRange(ParsePort(ManifestFields.Of(portPath, port)));
            }
        }

        var ofPorts = ranges.Count;
        foreach (var (path, node) in rule.TakeList("icmps", MaxPorts) ?? [])
        {
            var item = ManifestFields.Of(path, node);
            var fields = item.TakeList("fields", MaxPorts);
            item.RefuseRest();
            foreach (var (fieldPath, field) in fields ?? throw item.Refuse("fields", "must be there"))
            {
                ranges.Add(ParseIcmp(ManifestFields.Of(fieldPath, field)));
            }
        }

        return ofPorts > 0 && ranges.Count > ofPorts
            ? throw rule.Refuse("icmps", "must not stand beside toPorts: write two entries")
            : ranges.Count > 0 ? ranges : null;
    }

    private static IEnumerable<PortRange> ParsePort(ManifestFields field)
    {
        var text = field.TakeText("port") ?? throw field.Refuse("port", "must be there");
        if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var first))
        {
            throw field.Refuse(
                "port",
                text.All(char.IsAsciiDigit) ? $"is {text}: it must be from 0 to 65535" : $"is '{text}': names of ports are not supported, give the number");
        }

        var last = field.TakeNumber("endPort", 0, ushort.MaxValue) ?? 0;
        if (last != 0 && (first == 0 || last < first))
        {
            throw field.Refuse("endPort", $"is {last}: it must not be below the port, which must not be 0");
        }

        byte[] protocols = field.TakeText("protocol") switch
        {
            null or "ANY" => AnyProtocol,
            "TCP" => [PortRange.Tcp],
            "UDP" => [PortRange.Udp],
            "SCTP" => [PortRange.Sctp],
            _ => throw field.Refuse("protocol", "must be TCP, UDP, SCTP or ANY; for ICMP use icmps"),
        };
        field.RefuseRest();
        return protocols.Select(protocol => first == 0
            ? PortRange.AllOf(protocol)
            : new PortRange(protocol, first, last == 0 ? first : (ushort)last));
    }

    private static PortRange ParseIcmp(ManifestFields field)
    {
        var protocol = field.TakeText("family") switch
        {
            null or "IPv4" => PortRange.Icmp,
            "IPv6" => PortRange.IcmpV6,
            _ => throw field.Refuse("family", "must be IPv4 or IPv6"),
        };
        var type = field.TakeNumber("type", 0, 255) ?? throw field.Refuse("type", "must be there, as a number");
        field.RefuseRest();
        return new(protocol, (ushort)type, (ushort)type);
    }
}
