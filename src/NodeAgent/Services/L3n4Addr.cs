using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KvStoreMesh.NodeAgent.Services;

/// <summary>An IPv4 address, port and protocol: one end of a service (Cilium's word).</summary>
/// <param name="Address">In host order, so that numbers sort as addresses do.</param>
/// <param name="Port">In host order.</param>
/// <param name="Protocol">The transport protocol.</param>
public readonly record struct L3n4Addr(uint Address, ushort Port, L4Protocol Protocol) : IComparable<L3n4Addr>
{
    /// <summary>From an IPv4 address.</summary>
    public static L3n4Addr From(IPAddress address, ushort port, L4Protocol protocol)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.AddressFamily != AddressFamily.InterNetwork)
        {
            throw new ArgumentException($"{address} is not an IPv4 address", nameof(address));
        }

        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return new(BinaryPrimitives.ReadUInt32BigEndian(bytes), port, protocol);
    }

    /// <summary>The address alone, dotted.</summary>
    public string Ip => string.Create(
        CultureInfo.InvariantCulture, $"{Address >> 24}.{(Address >> 16) & 0xff}.{(Address >> 8) & 0xff}.{Address & 0xff}");

    /// <inheritdoc />
    public int CompareTo(L3n4Addr other)
    {
        var byAddress = Address.CompareTo(other.Address);
        if (byAddress != 0)
        {
            return byAddress;
        }

        var byPort = Port.CompareTo(other.Port);
        return byPort != 0 ? byPort : Protocol.CompareTo(other.Protocol);
    }

    /// <summary>As Cilium prints it: <c>10.0.0.1:80/TCP</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Ip}:{Port}/{ProtocolName(Protocol)}");

    /// <summary>The protocol's name in upper case.</summary>
    public static string ProtocolName(L4Protocol protocol) => protocol switch
    {
        L4Protocol.Tcp => "TCP",
        L4Protocol.Udp => "UDP",
        L4Protocol.Sctp => "SCTP",
        L4Protocol.Any => "ANY",
        _ => ((byte)protocol).ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The protocol of a name as Cilium writes it; null if unknown.</summary>
    public static L4Protocol? ParseProtocol(string name) => name switch
    {
        "TCP" => L4Protocol.Tcp,
        "UDP" => L4Protocol.Udp,
        "SCTP" => L4Protocol.Sctp,
        "ANY" => L4Protocol.Any,
        _ => null,
    };
}
