using System.Net;

namespace KvStoreMesh.Bpf.Sockets;

/// <summary>A connected socket as the kernel lists it.</summary>
/// <param name="Cookie">Its number on this machine, the same that programs see.</param>
/// <param name="Peer">Where it is connected to; an IPv4 peer of an IPv6 socket as IPv4.</param>
public readonly record struct InetSocket(ulong Cookie, IPEndPoint Peer);
