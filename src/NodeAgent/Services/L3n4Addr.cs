using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KvStoreMesh.NodeAgent.Services;

/// <summary>An IP address, port and protocol: one end of a service (Cilium's word). 24 bytes, since there are many.</summary>
/// <remarks>IPv4 is held as IPv6 holds it, <c>::ffff:a.b.c.d</c>, and an address that comes so is IPv4.</remarks>
public readonly record struct L3n4Addr : IComparable<L3n4Addr>
{
    private const ulong MappedPrefix = 0xffff_0000_0000;

    private readonly ulong _high;
    private readonly ulong _low;

    private L3n4Addr(ulong high, ulong low, ushort port, L4Protocol protocol) => (_high, _low, Port, Protocol) = (high, low, port, protocol);

    /// <summary>In host order.</summary>
    public ushort Port { get; }

    /// <summary>The transport protocol.</summary>
    public L4Protocol Protocol { get; init; }

    /// <summary>The family.</summary>
    public bool IsIpv6 => _high != 0 || _low >> 32 != MappedPrefix >> 32;

    /// <summary>The address alone.</summary>
    public IPAddress Address
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _low);
            return new(IsIpv6 ? bytes : bytes[12..]);
        }
    }

    /// <summary>The address alone as text.</summary>
    public string Ip => Address.ToString();

    /// <summary>From an address of either family.</summary>
    public static L3n4Addr From(IPAddress address, ushort port, L4Protocol protocol)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            address.TryWriteBytes(bytes, out _);
            return new(0, MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(bytes), port, protocol);
        }

        address.TryWriteBytes(bytes, out _);
        return new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), port, protocol);
    }

    /// <inheritdoc />
    public int CompareTo(L3n4Addr other)
    {
        // By address, IPv4 first, then port and protocol.
        var order = IsIpv6.CompareTo(other.IsIpv6);
        order = order != 0 ? order : _high.CompareTo(other._high);
        order = order != 0 ? order : _low.CompareTo(other._low);
        order = order != 0 ? order : Port.CompareTo(other.Port);
        return order != 0 ? order : Protocol.CompareTo(other.Protocol);
    }

    /// <summary>As Cilium prints it: <c>10.0.0.1:80/TCP</c>, <c>[fd00::1]:80/TCP</c>.</summary>
    public override string ToString() => $"{EndPoint}/{ProtocolName(Protocol)}";

    /// <summary>Address and port: <c>10.0.0.1:80</c>, <c>[fd00::1]:80</c>.</summary>
    public string EndPoint => string.Create(CultureInfo.InvariantCulture, $"{(IsIpv6 ? $"[{Ip}]" : Ip)}:{Port}");

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
