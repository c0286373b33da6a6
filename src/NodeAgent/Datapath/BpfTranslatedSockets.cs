using System.Net;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.Bpf.Sockets;
using KvStoreMesh.NodeAgent.Services;
using KvStoreMesh.NodeAgent.Termination;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>What the socket programs remember, in the kernel. An entry goes with its socket.</summary>
internal sealed class BpfTranslatedSockets(LoadBalancerMapSet maps) : ITranslatedSockets
{
    public IReadOnlyList<TranslatedSocket> Read() =>
    [
        .. maps.ReverseSk4.Entries().Select(entry => Socket(
            entry.Key.Cookie, entry.Key.Address, entry.Key.Port, entry.Value.Address, entry.Value.Port, entry.Value.RevNatIndex)),
        .. maps.ReverseSk6.Entries().Select(entry => Socket(
            entry.Key.Cookie, entry.Key.Address, entry.Key.Port, entry.Value.Address, entry.Value.Port, entry.Value.RevNatIndex)),
    ];

    public SocketClosing Close(IEnumerable<TranslatedSocket> sockets) => SocketCloser.Close(sockets
        .Select(socket => new InetSocket(socket.Cookie, new IPEndPoint(socket.Lease.Backend.Address, socket.Lease.Backend.Port))).ToHashSet());

    private static TranslatedSocket Socket(ulong cookie, IPAddress backend, ushort port, IPAddress frontend, ushort frontendPort, ushort service) => new(
        cookie, new(L3n4Addr.From(frontend, frontendPort, L4Protocol.Any), service, L3n4Addr.From(backend, port, L4Protocol.Any)));
}
