using System.Net;
using System.Net.Sockets;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.SocketLb;

/// <summary>What an application sees that sends datagrams to a cluster IP.</summary>
public sealed class UdpTests
{
    [BpfFact]
    public void Answers_to_sendto_come_from_the_cluster_ip() => AnswersComeFrom(AddressFamily.InterNetwork, SteeredHost.Frontend());

    [BpfFact]
    public void Answers_to_sendto_of_a_dual_mode_socket_come_from_the_cluster_ip() =>
        AnswersComeFrom(AddressFamily.InterNetworkV6, new IPEndPoint(SteeredHost.Vip.MapToIPv6(), 80));

    [BpfFact]
    public void A_connected_socket_stays_with_its_backend_and_shows_the_cluster_ip_in_both_families()
    {
        using var host = new SteeredHost();
        using var one = new EchoBackend(1);
        using var two = new EchoBackend(2);
        host.Publish(LbProtocol.Udp, 5, new TestBackend(1, one.Udp), new TestBackend(2, two.Udp));

        foreach (AddressFamily family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
        {
            using Socket socket = host.NewSocket(SocketType.Dgram, family);
            socket.ReceiveTimeout = 5000;
            socket.Connect(SteeredHost.Frontend());

            byte first = TcpTests.Ask(socket);
            Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal(first, TcpTests.Ask(socket)));
            Assert.Equal(SteeredHost.Vip, ((IPEndPoint)socket.RemoteEndPoint!).Address.MapToIPv4());
        }
    }

    [BpfFact]
    public void A_service_without_backends_is_unreachable_for_sendto_and_connect()
    {
        using var host = new SteeredHost();
        host.Publish(LbProtocol.Udp, 5);
        using Socket sender = host.NewSocket(SocketType.Dgram);
        using Socket connected = host.NewSocket(SocketType.Dgram);

        Assert.Equal(SocketError.HostUnreachable, TcpTests.FailureOf(() => sender.SendTo(new byte[1], SteeredHost.Frontend())));
        Assert.Equal(SocketError.HostUnreachable, TcpTests.FailureOf(() => connected.Connect(SteeredHost.Frontend())));
    }

    [BpfFact]
    public void A_socket_moves_on_when_its_backend_is_withdrawn()
    {
        using var host = new SteeredHost();
        using var one = new EchoBackend(1);
        using var two = new EchoBackend(2);
        using Socket socket = host.NewSocket(SocketType.Dgram);
        socket.ReceiveTimeout = 5000;

        host.Publish(LbProtocol.Udp, 5, new TestBackend(1, one.Udp));
        Assert.Equal(new Answer(1, SteeredHost.Frontend()), Exchange(socket, SteeredHost.Frontend()));
        host.Publish(LbProtocol.Udp, 5, new TestBackend(2, two.Udp));
        Assert.Equal(new Answer(2, SteeredHost.Frontend()), Exchange(socket, SteeredHost.Frontend()));
    }

    [BpfFact]
    public void An_answer_is_shown_from_the_backend_when_the_service_is_gone_meanwhile()
    {
        using var host = new SteeredHost();
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Parse("127.1.0.2"), 0));
        silent.ReceiveTimeout = 5000;
        host.Publish(LbProtocol.Udp, 5, new TestBackend(1, (IPEndPoint)silent.LocalEndPoint!));
        using Socket socket = host.NewSocket(SocketType.Dgram);
        socket.ReceiveTimeout = 5000;
        socket.SendTo(new byte[1], SteeredHost.Frontend());
        EndPoint client = new IPEndPoint(IPAddress.Any, 0);
        silent.ReceiveFrom(new byte[1], ref client);

        host.Services.Delete(new(SteeredHost.Vip, 80, LbProtocol.Udp));
        silent.SendTo(new byte[1], client);
        EndPoint source = new IPEndPoint(IPAddress.Any, 0);
        socket.ReceiveFrom(new byte[1], ref source);

        Assert.Equal(silent.LocalEndPoint, source);
        Assert.Empty(host.ReverseSk.Entries());
    }

    [BpfFact]
    public void Tcp_and_udp_of_one_address_and_port_are_two_services()
    {
        using var host = new SteeredHost();
        using var one = new EchoBackend(1);
        using var two = new EchoBackend(2);
        host.Publish(LbProtocol.Tcp, 5, new TestBackend(1, one.Tcp));
        host.Publish(LbProtocol.Udp, 6, new TestBackend(2, two.Udp));
        using Socket tcp = host.NewSocket(SocketType.Stream);
        using Socket udp = host.NewSocket(SocketType.Dgram);
        udp.ReceiveTimeout = 5000;

        tcp.Connect(SteeredHost.Frontend());

        Assert.Equal(1, TcpTests.Ask(tcp));
        Assert.Equal(new Answer(2, SteeredHost.Frontend()), Exchange(udp, SteeredHost.Frontend()));
    }

    private static void AnswersComeFrom(AddressFamily family, IPEndPoint frontend)
    {
        using var host = new SteeredHost();
        using var one = new EchoBackend(1);
        using var two = new EchoBackend(2);
        host.Publish(LbProtocol.Udp, 5, new TestBackend(1, one.Udp), new TestBackend(2, two.Udp));
        var names = new HashSet<byte>();

        // Sockets pick by their cookie, which counts up: of 64, no two backends get all.
        for (int i = 0; i < 64; i++)
        {
            using Socket socket = host.NewSocket(SocketType.Dgram, family);
            socket.ReceiveTimeout = 5000;
            (byte first, EndPoint source) = Exchange(socket, frontend);
            Assert.Equal(frontend, source);
            Assert.Equal(new Answer(first, frontend), Exchange(socket, frontend));
            names.Add(first);
        }

        Assert.Equal<byte>([1, 2], names.Order());
    }

    private static Answer Exchange(Socket socket, IPEndPoint frontend)
    {
        byte[] buffer = new byte[1];
        socket.SendTo(buffer, frontend);
        EndPoint source = new IPEndPoint(frontend.Address, 0);
        Assert.Equal(1, socket.ReceiveFrom(buffer, ref source));
        return new(buffer[0], source);
    }

    private sealed record Answer(byte Name, EndPoint Source);
}
