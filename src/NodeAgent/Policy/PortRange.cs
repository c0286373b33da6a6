using System.Globalization;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>Destination ports of one protocol, or types of ICMP.</summary>
/// <param name="Protocol">The IP protocol.</param>
/// <param name="First">The first port; 0 with <paramref name="Last"/> 65535 is any.</param>
/// <param name="Last">The last one, inclusive.</param>
public readonly record struct PortRange(byte Protocol, ushort First, ushort Last)
{
    /// <summary>ICMP.</summary>
    public const byte Icmp = 1;

    /// <summary>TCP.</summary>
    public const byte Tcp = 6;

    /// <summary>UDP.</summary>
    public const byte Udp = 17;

    /// <summary>ICMPv6.</summary>
    public const byte IcmpV6 = 58;

    /// <summary>SCTP.</summary>
    public const byte Sctp = 132;

    /// <summary>Every port of a protocol.</summary>
    public static PortRange AllOf(byte protocol) => new(protocol, 0, ushort.MaxValue);

    /// <summary>The traffic is meant.</summary>
    public bool Contains(byte protocol, ushort port) => protocol == Protocol && port >= First && port <= Last;

    /// <summary>The range as blocks of which each is a number of leading bits, the smallest number of them: 8080-8090 is 8080/13, 8088/15 and 8090/16.</summary>
    public IEnumerable<(ushort Port, int PrefixBits)> Prefixes()
    {
        for (var at = (uint)First; at <= Last;)
        {
            var bits = 16;
            while (bits > 0 && Fits(at, 1u << (16 - bits + 1)))
            {
                bits--;
            }

            yield return ((ushort)at, bits);
            at += 1u << (16 - bits);
        }
    }

    /// <summary>As Cilium prints it: <c>8080/TCP</c>, <c>8080-8090/TCP</c>, <c>ANY/TCP</c>.</summary>
    public override string ToString()
    {
        var ports = (First, Last) switch
        {
            (0, ushort.MaxValue) => "ANY",
            var (first, last) when first == last => first.ToString(CultureInfo.InvariantCulture),
            var (first, last) => string.Create(CultureInfo.InvariantCulture, $"{first}-{last}"),
        };
        return $"{ports}/{NameOf(Protocol)}";
    }

    /// <summary>The name of a protocol.</summary>
    public static string NameOf(byte protocol) => protocol switch
    {
        0 => "ANY",
        Icmp => "ICMP",
        Tcp => "TCP",
        Udp => "UDP",
        IcmpV6 => "ICMPv6",
        Sctp => "SCTP",
        _ => protocol.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The protocol of a name; null if there is none.</summary>
    public static byte? ProtocolOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.ToUpperInvariant() switch
        {
            "ICMP" => Icmp,
            "TCP" => Tcp,
            "UDP" => Udp,
            "ICMPV6" => IcmpV6,
            "SCTP" => Sctp,
            _ => null,
        };
    }

    private bool Fits(uint at, uint size) => at % size == 0 && at + size - 1 <= Last;
}
