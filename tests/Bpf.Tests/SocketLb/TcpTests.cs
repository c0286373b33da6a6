using System.Net;
using System.Net.Sockets;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.SocketLb;

/// <summary>What an application sees that connects to a cluster IP.</summary>
public sealed class TcpTests
{
    [BpfFact]
    public void Connections_spread_over_all_backends_and_show_the_cluster_ip_as_their_peer() =>
        ConnectionsSpread(AddressFamily.InterNetwork, SteeredHost.Frontend());

    [BpfFact]
    public void Dual_mode_sockets_as_dotnet_makes_them_are_balanced_the_same_way() =>
        ConnectionsSpread(AddressFamily.InterNetworkV6, new IPEndPoint(SteeredHost.Vip.MapToIPv6(), 80));

    [BpfFact]
    public void Sockets_outside_of_the_cgroup_are_left_alone()
    {
        using var host = new SteeredHost();
        using var backend = new EchoBackend(1);
        host.Publish(LbProtocol.Tcp, 5, new TestBackend(1, backend.Tcp));

        using var outside = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Equal(SocketError.ConnectionRefused, FailureOf(() => outside.Connect(SteeredHost.Frontend())));
    }

    [BpfFact]
    public void Addresses_that_are_no_frontend_are_left_alone_in_both_families()
    {
        using var host = new SteeredHost();
        using var backend = new EchoBackend(1);
        using var listener = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        listener.Listen();
        host.Publish(LbProtocol.Tcp, 5, new TestBackend(1, backend.Tcp));

        using Socket four = host.NewSocket(SocketType.Stream);
        four.Connect(backend.Tcp);
        using Socket six = host.NewSocket(SocketType.Stream, AddressFamily.InterNetworkV6);
        six.Connect(listener.LocalEndPoint!);
        using Socket otherPort = host.NewSocket(SocketType.Stream);

        Assert.Equal(backend.Tcp, four.RemoteEndPoint);
        Assert.Equal(listener.LocalEndPoint, six.RemoteEndPoint);
        Assert.Equal(SocketError.ConnectionRefused, FailureOf(() => otherPort.Connect(SteeredHost.Frontend(81))));
        Assert.Empty(host.ReverseSk.Entries());
    }

    [BpfFact]
    public void A_service_without_backends_is_unreachable_at_once_in_both_families()
    {
        using var host = new SteeredHost();
        host.Publish(LbProtocol.Tcp, 5);

        using Socket four = host.NewSocket(SocketType.Stream);
        using Socket six = host.NewSocket(SocketType.Stream, AddressFamily.InterNetworkV6);

        Assert.Equal(SocketError.HostUnreachable, FailureOf(() => four.Connect(SteeredHost.Frontend())));
        Assert.Equal(SocketError.HostUnreachable, FailureOf(() => six.Connect(SteeredHost.Frontend())));
    }

    [BpfFact]
    public void A_promise_the_maps_do_not_keep_is_unreachable_and_not_sent_anywhere()
    {
        using var host = new SteeredHost();
        var frontend = new Lb4Key(SteeredHost.Vip, 80, LbProtocol.Tcp);
        host.Services.Update(frontend, Lb4Service.Master(1, 5));

        using Socket noSlot = host.NewSocket(SocketType.Stream);
        Assert.Equal(SocketError.HostUnreachable, FailureOf(() => noSlot.Connect(SteeredHost.Frontend())));

        host.Services.Update(frontend with { Slot = 1 }, Lb4Service.ForBackend(99, 5));
        using Socket noBackend = host.NewSocket(SocketType.Stream);
        Assert.Equal(SocketError.HostUnreachable, FailureOf(() => noBackend.Connect(SteeredHost.Frontend())));
    }

    [BpfFact]
    public void A_withdrawn_backend_gets_no_new_connection_and_keeps_the_old_ones()
    {
        using var host = new SteeredHost();
        using var one = new EchoBackend(1);
        using var two = new EchoBackend(2);
        host.Publish(LbProtocol.Tcp, 5, new TestBackend(2, two.Tcp));
        using Socket established = host.NewSocket(SocketType.Stream);
        established.Connect(SteeredHost.Frontend());

        host.Publish(LbProtocol.Tcp, 5, new TestBackend(1, one.Tcp));

        Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal(1, AskOnce(host, AddressFamily.InterNetwork, SteeredHost.Frontend())));
        Assert.Equal(2, Ask(established));
    }

    [BpfFact]
    public void A_service_of_two_scopes_is_balanced_by_its_internal_one()
    {
        using var host = new SteeredHost();
        using var one = new EchoBackend(1);
        using var two = new EchoBackend(2);
        var outer = new Lb4Key(SteeredHost.Vip, 80, LbProtocol.Tcp);
        var inner = new Lb4Key(SteeredHost.Vip, 80, LbProtocol.Tcp, scope: LbScope.Internal);
        host.Publish(LbProtocol.Tcp, 5, new TestBackend(1, one.Tcp));
        host.Services.Update(outer, Lb4Service.Master(1, 5, flags2: LbServiceFlags2.TwoScopes));
        host.Backends.Update(2, new(two.Tcp.Address, (ushort)two.Tcp.Port, LbProtocol.Tcp));
        host.Services.Update(inner with { Slot = 1 }, Lb4Service.ForBackend(2, 6));
        host.Services.Update(inner, Lb4Service.Master(1, 6));

        using Socket socket = host.NewSocket(SocketType.Stream);
        socket.Connect(SteeredHost.Frontend());

        Assert.Equal(2, Ask(socket));
        Assert.Equal(SteeredHost.Frontend(), socket.RemoteEndPoint);
    }

    [BpfFact]
    public void The_memory_of_a_socket_goes_when_it_is_closed_in_both_families()
    {
        using var host = new SteeredHost();
        using var backend = new EchoBackend(1);
        host.Publish(LbProtocol.Tcp, 5, new TestBackend(1, backend.Tcp));
        Socket four = host.NewSocket(SocketType.Stream);
        Socket six = host.NewSocket(SocketType.Stream, AddressFamily.InterNetworkV6);
        four.Connect(SteeredHost.Frontend());
        six.Connect(SteeredHost.Frontend());
        KeyValuePair<Lb4ReverseSkKey, Lb4ReverseSk>[] known = [.. host.ReverseSk.Entries()];

        four.Dispose();
        six.Dispose();

        Assert.Equal(2, known.Length);
        Assert.All(known, entry => Assert.Equal((backend.Tcp.Address, (ushort)backend.Tcp.Port), (entry.Key.Address, entry.Key.Port)));
        Assert.All(known, entry => Assert.Equal(new Lb4ReverseSk(SteeredHost.Vip, 80, 5), entry.Value));
        Assert.Empty(host.ReverseSk.Entries());
    }

    [BpfFact]
    public void A_cluster_ip_that_belongs_to_another_service_by_now_is_not_shown_for_old_sockets()
    {
        using var host = new SteeredHost();
        using var backend = new EchoBackend(1);
        host.Publish(LbProtocol.Tcp, 5, new TestBackend(1, backend.Tcp));
        using Socket socket = host.NewSocket(SocketType.Stream);
        socket.Connect(SteeredHost.Frontend());

        host.Publish(LbProtocol.Tcp, 6, new TestBackend(1, backend.Tcp));

        Assert.Equal(backend.Tcp, socket.RemoteEndPoint);
        Assert.Empty(host.ReverseSk.Entries());
    }

    internal static byte Ask(Socket socket)
    {
        byte[] buffer = new byte[1];
        socket.Send(buffer);
        Assert.Equal(1, socket.Receive(buffer));
        return buffer[0];
    }

    internal static SocketError FailureOf(Action connect) => Assert.Throws<SocketException>(connect).SocketErrorCode;

    private static byte AskOnce(SteeredHost host, AddressFamily family, IPEndPoint frontend)
    {
        using Socket socket = host.NewSocket(SocketType.Stream, family);
        socket.Connect(frontend);
        return Ask(socket);
    }

    private static void ConnectionsSpread(AddressFamily family, IPEndPoint frontend)
    {
        using var host = new SteeredHost();
        using var one = new EchoBackend(1);
        using var two = new EchoBackend(2);
        host.Publish(LbProtocol.Tcp, 5, new TestBackend(1, one.Tcp), new TestBackend(2, two.Tcp));
        int[] answers = new int[3];
        var peers = new HashSet<EndPoint?>();

        host.RunInside(() =>
        {
            for (int i = 0; i < 400; i++)
            {
                using Socket socket = family == AddressFamily.InterNetworkV6
                    ? new Socket(SocketType.Stream, ProtocolType.Tcp)
                    : new Socket(family, SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(frontend);
                answers[Ask(socket)]++;
                peers.Add(socket.RemoteEndPoint);
            }

            return true;
        });

        // 400 fair coins: fewer than 120 of one side are eight standard deviations away.
        Assert.InRange(answers[1], 120, 280);
        Assert.Equal(400, answers[1] + answers[2]);
        Assert.Equal([frontend], peers);
    }
}
