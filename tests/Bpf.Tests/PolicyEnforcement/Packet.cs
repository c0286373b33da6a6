using System.Buffers.Binary;
using System.Net;

namespace KvStoreMesh.Bpf.Tests.PolicyEnforcement;

/// <summary>Packets as they come from a wire, Ethernet header included.</summary>
internal static class Packet
{
    public const byte Icmp = 1;
    public const byte Tcp = 6;
    public const byte Udp = 17;
    public const byte IcmpV6 = 58;
    public const byte Sctp = 132;
    public const byte Syn = 2;
    public const byte Ack = 16;
    public const byte Rst = 4;

    public static byte[] Of(byte protocol, string from, string to, byte tcpFlags = Syn) =>
        Ethernet(Ip(protocol, IPEndPoint.Parse(from), IPEndPoint.Parse(to), Transport(protocol, IPEndPoint.Parse(from).Port, IPEndPoint.Parse(to).Port, tcpFlags)));

    /// <summary>An echo request or reply, or another message of this type, with an identifier.</summary>
    public static byte[] IcmpOf(string from, string to, byte type, ushort identifier = 7) =>
        Ethernet(Ip(ProtocolOf(from), Host(from), Host(to), [type, 0, 0, 0, (byte)(identifier >> 8), (byte)identifier, 0, 1]));

    /// <summary>An ICMP error that quotes a packet.</summary>
    public static byte[] ErrorAbout(byte[] packet, string from, string to, byte type) =>
        Ethernet(Ip(ProtocolOf(from), Host(from), Host(to), [type, 0, 0, 0, 0, 0, 0, 0, .. packet[14..]]));

    /// <summary>The packet as a later fragment of a larger one.</summary>
    public static byte[] LaterFragment(byte[] ipv4)
    {
        byte[] fragment = [.. ipv4];
        fragment[14 + 7] = 10;
        return fragment;
    }

    /// <summary>Puts extension headers between an IPv6 header and what follows it.</summary>
    public static byte[] WithExtensions(byte[] ipv6, params byte[] types)
    {
        byte next = ipv6[14 + 6];
        byte[] extensions = [.. types.SelectMany((_, i) => (byte[])[i + 1 < types.Length ? types[i + 1] : next, 0, 0, 0, 0, 0, 0, 0])];
        byte[] packet = [.. ipv6[..54], .. extensions, .. ipv6[54..]];
        packet[14 + 6] = types[0];
        return packet;
    }

    private static byte ProtocolOf(string address) => address.Contains(':', StringComparison.Ordinal) ? IcmpV6 : Icmp;

    private static IPEndPoint Host(string address) => new(IPAddress.Parse(address), 0);

    private static byte[] Transport(byte protocol, int from, int to, byte tcpFlags)
    {
        byte[] header = new byte[protocol == Tcp ? 20 : 12];
        BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)from);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)to);
        if (protocol == Tcp)
        {
            (header[12], header[13]) = (0x50, tcpFlags);
        }

        return header;
    }

    private static byte[] Ip(byte protocol, IPEndPoint from, IPEndPoint to, byte[] payload)
    {
        byte[] source = from.Address.GetAddressBytes();
        byte[] destination = to.Address.GetAddressBytes();
        return source.Length == 4
            ? [0x45, 0, 0, (byte)(20 + payload.Length), 0, 1, 0, 0, 64, protocol, 0, 0, .. source, .. destination, .. payload]
            : [0x60, 0, 0, 0, 0, (byte)payload.Length, protocol, 64, .. source, .. destination, .. payload];
    }

    private static byte[] Ethernet(byte[] ip) => [.. new byte[12], .. ip[0] >> 4 == 4 ? (byte[])[8, 0] : [0x86, 0xdd], .. ip];
}
