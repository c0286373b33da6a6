using System.Net;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.Policy;

/// <summary>A dropped packet.</summary>
/// <remarks>64 bytes; must match <c>struct drop_event</c> in <c>Programs/policy.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 64)]
public readonly record struct DropEvent
{
    [FieldOffset(0)] private readonly ulong _time;
    [FieldOffset(8)] private readonly AddressBytes _local;
    [FieldOffset(24)] private readonly AddressBytes _remote;
    [FieldOffset(40)] private readonly ushort _localPort;
    [FieldOffset(42)] private readonly ushort _remotePort;
    [FieldOffset(44)] private readonly ushort _endpoint;
    [FieldOffset(46)] private readonly byte _protocol;
    [FieldOffset(47)] private readonly byte _direction;
    [FieldOffset(48)] private readonly uint _identity;
    [FieldOffset(52)] private readonly DropReason _reason;
    [FieldOffset(53)] private readonly byte _tcpFlags;
    [FieldOffset(54)] private readonly byte _icmpType;
    [FieldOffset(55)] private readonly byte _ipv6;
    [FieldOffset(56)] private readonly uint _length;
    [FieldOffset(60)] private readonly uint _ifindex;

    /// <summary>Nanoseconds since the machine was started.</summary>
    public ulong TimeNs => _time;

    /// <summary>The endpoint's number.</summary>
    public ushort Endpoint => _endpoint;

    /// <summary>Seen from the endpoint.</summary>
    public PolicyDirection Direction => _direction == 1 ? PolicyDirection.Ingress : PolicyDirection.Egress;

    /// <summary>Why.</summary>
    public DropReason Reason => _reason;

    /// <summary>The remote's identity; 0 if the packet was dropped before it was looked up.</summary>
    public uint RemoteIdentity => _identity;

    /// <summary>The IP protocol.</summary>
    public byte Protocol => _protocol;

    /// <summary>The flags of a TCP header: FIN 1, SYN 2, RST 4, ACK 16.</summary>
    public byte TcpFlags => _tcpFlags;

    /// <summary>The type of an ICMP message.</summary>
    public byte IcmpType => _icmpType;

    /// <summary>Bytes of the packet.</summary>
    public uint Length => _length;

    /// <summary>The interface that saw it.</summary>
    public uint InterfaceIndex => _ifindex;

    /// <summary>Who sent it; the port is 0 where there is none.</summary>
    public IPEndPoint Source => Direction == PolicyDirection.Ingress ? Remote : Local;

    /// <summary>Whom it was sent to.</summary>
    public IPEndPoint Destination => Direction == PolicyDirection.Ingress ? Local : Remote;

    private IPEndPoint Local => new(_local.ToAddress(four: _ipv6 == 0), NetworkOrder.Swap(_localPort));

    private IPEndPoint Remote => new(_remote.ToAddress(four: _ipv6 == 0), NetworkOrder.Swap(_remotePort));
}
