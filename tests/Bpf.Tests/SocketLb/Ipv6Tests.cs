using System.Net;
using System.Net.Sockets;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.SocketLb;

/// <summary>The IPv6 half of the programs. The only IPv6 address that is sure to be on any host is ::1, so backends differ by port.</summary>
public sealed class Ipv6Tests
{
    private const ushort Service = 9;
    private static readonly IPEndPoint Frontend = new(IPAddress.Parse("fd00:96::a"), 80);

    [BpfFact]
    public void A_connection_to_an_IPv6_frontend_reaches_each_backend_and_sees_the_frontend_only()
    {
        using var host = new SteeredHost();
        using var first = Listen();
        using var second = Listen();
        Publish(host, LbProtocol.Tcp, Port(first), Port(second));
        HashSet<int> reached = [];
        for (int i = 0; i < 200 && reached.Count < 2; i++)
        {
            using Socket socket = host.RunInside(() => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp));
            socket.Connect(Frontend);
            Assert.Equal(Frontend, socket.RemoteEndPoint);
            reached.Add(host.Maps.ReverseSk6.Entries().Single().Key.Port);
        }

        Assert.Equal(new int[] { Port(first), Port(second) }.Order(), reached.Order());
        Assert.Empty(host.Maps.ReverseSk6.Entries());
    }

    [BpfFact]
    public void Datagrams_to_an_IPv6_frontend_are_answered_from_it()
    {
        using var host = new SteeredHost();
        using var server = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        Publish(host, LbProtocol.Udp, Port(server));
        using Socket client = host.RunInside(() => new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp));
        client.SendTo(new byte[] { 1 }, Frontend);
        EndPoint from = new IPEndPoint(IPAddress.IPv6Any, 0);
        byte[] buffer = new byte[4];
        server.ReceiveTimeout = client.ReceiveTimeout = 30_000;
        server.ReceiveFrom(buffer, ref from);
        server.SendTo(new byte[] { 2 }, from);
        EndPoint answered = new IPEndPoint(IPAddress.IPv6Any, 0);
        client.ReceiveFrom(buffer, ref answered);

        Assert.Equal(Frontend, answered);
        Assert.Equal(2, buffer[0]);
    }

    [BpfFact]
    public void Without_backends_it_is_unreachable_and_what_is_no_frontend_is_left_alone()
    {
        using var host = new SteeredHost();
        Publish(host, LbProtocol.Tcp);
        using Socket refused = host.RunInside(() => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp));
        Assert.Equal(SocketError.HostUnreachable, Assert.Throws<SocketException>(() => refused.Connect(Frontend)).SocketErrorCode);

        using var direct = Listen();
        using Socket passes = host.RunInside(() => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp));
        passes.Connect(direct.LocalEndPoint!);
        Assert.Equal(direct.LocalEndPoint, passes.RemoteEndPoint);
    }

    [BpfFact]
    public void Session_affinity_holds_for_IPv6_too()
    {
        using var host = new SteeredHost();
        using var first = Listen();
        using var second = Listen();
        Publish(host, LbProtocol.Tcp, Port(first), Port(second));
        host.Maps.AffinityMatch.UpdateBatch([new(1, Service), new(2, Service)], [0, 0]);
        host.Maps.Services6.Update(
            new(Frontend.Address, 80, LbProtocol.Tcp), Lb4Service.Master(2, Service, LbServiceFlags.Affinity, affinityAndAlgorithm: 60));
        HashSet<ushort> reached = [];
        for (int i = 0; i < 40; i++)
        {
            using Socket socket = host.RunInside(() => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp));
            socket.Connect(Frontend);
            reached.Add(host.Maps.ReverseSk6.Entries().Single().Key.Port);
        }

        Assert.Single(reached);
    }

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        socket.Listen(256);
        return socket;
    }

    private static ushort Port(Socket socket) => (ushort)((IPEndPoint)socket.LocalEndPoint!).Port;

    private static void Publish(SteeredHost host, LbProtocol protocol, params ushort[] ports)
    {
        var key = new Lb6Key(Frontend.Address, (ushort)Frontend.Port, protocol);
        for (int i = 0; i < ports.Length; i++)
        {
            host.Maps.Backends6.Update((uint)(i + 1), new(IPAddress.IPv6Loopback, ports[i], protocol));
            host.Maps.Services6.Update(key with { Slot = (ushort)(i + 1) }, Lb4Service.ForBackend((uint)(i + 1), Service));
        }

        host.Maps.Services6.Update(key, Lb4Service.Master((ushort)ports.Length, Service));
    }
}
