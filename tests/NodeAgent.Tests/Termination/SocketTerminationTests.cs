using System.Net;
using System.Net.Sockets;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.LoadBalancing;
using KvStoreMesh.NodeAgent.Tests.Agent;
using KvStoreMesh.NodeAgent.Tests.Datapath;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.NodeAgent.Tests.Termination;

/// <summary>Real sockets, led to real backends that are then withdrawn.</summary>
public sealed class SocketTerminationTests
{
    private static readonly IPEndPoint Vip = IPEndPoint.Parse("127.96.0.44:80");

    [BpfFact]
    public void Sockets_to_a_withdrawn_backend_are_closed_and_those_to_others_are_not()
    {
        using var bpffs = new BpffsDir();
        using var cgroup = new CgroupDir();
        using var datapath = BpfDatapath.Open(new()
        {
            BpfFsRoot = bpffs.Path, MapPrefix = "t_", CgroupPath = cgroup.Path,
            Limits = DatapathContract.Small with { Services = 64, Backends = 64, ReverseNat = 64 },
        });
        using var stays = Listen();
        using var goes = Listen();
        var spec = new AgentSpec(datapath);
        spec.Open("a", "b");
        spec.Config("a", 1);
        spec.Config("b", 2);
        spec.Service("a", 1, "{}", """{"127.96.0.44":{"":{"Protocol":"TCP","Port":80}}}""");
        spec.Service("b", 2, Backends(stays, goes));
        Assert.Null(spec.Agent.Withdrawals);
        spec.Sync("a", "b");

        // AF_INET and dual-mode sockets alike, until there are some to both backends.
        List<Socket> sockets = [];
        try
        {
            while (sockets.Count < 200 && !(Leading(sockets, datapath, stays) > 1 && Leading(sockets, datapath, goes) > 1))
            {
                var socket = cgroup.Run(() => sockets.Count % 2 == 0
                    ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
                    : new Socket(SocketType.Stream, ProtocolType.Tcp));
                sockets.Add(socket);
                socket.Connect(Vip);
            }

            var before = spec.Agent.Withdrawals;
            Assert.Empty(Withdrawn(spec, datapath));
            spec.Service("b", 2, Backends(stays));
            Assert.NotEqual(before, spec.Agent.Withdrawals);
            var withdrawn = Withdrawn(spec, datapath);
            Assert.Equal([Port(goes)], withdrawn.Select(lease => lease.Backend.Port));

            var chosen = datapath.Sockets!.Read().Where(socket => withdrawn.Contains(socket.Lease)).ToList();
            Assert.Equal(chosen.Count, datapath.Sockets.Close(chosen).Closed);
            Assert.Equal(0, datapath.Sockets.Close(chosen).Closed);
            Assert.Equal(chosen.Count, sockets.Count(IsAborted));
            Assert.True(sockets.Count > chosen.Count);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    [BpfFact]
    public void A_connected_datagram_socket_is_closed_too()
    {
        using var bpffs = new BpffsDir();
        using var cgroup = new CgroupDir();
        using var datapath = BpfDatapath.Open(new() { BpfFsRoot = bpffs.Path, MapPrefix = "t_", CgroupPath = cgroup.Path, Limits = DatapathContract.Small });
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var reconciler = new LoadBalancerReconciler(datapath.LoadBalancer);
        reconciler.Want(Some.Addr("127.96.0.44:80/UDP"), Some.Merged("127.96.0.44:80/UDP", $"127.0.0.1:{Port(server)}/UDP"));
        Assert.Null(reconciler.Flush());
        using var client = cgroup.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        client.Connect(Vip);

        Assert.Equal(1, datapath.Sockets!.Close(datapath.Sockets.Read()).Closed);
        Assert.Equal(SocketError.ConnectionAborted, Assert.Throws<SocketException>(() => client.Receive(new byte[1])).SocketErrorCode);
    }

    private static IReadOnlySet<NodeAgent.Termination.BackendLease> Withdrawn(AgentSpec spec, BpfDatapath datapath) =>
        spec.Agent.WithdrawnOf([.. datapath.Sockets!.Read().Select(socket => socket.Lease)]);

    private static int Leading(List<Socket> sockets, BpfDatapath datapath, Socket backend) =>
        sockets.Count == 0 ? 0 : datapath.Sockets!.Read().Count(socket => socket.Lease.Backend.Port == Port(backend));

    private static bool IsAborted(Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead) && socket.Receive(new byte[1]) >= 0;
        }
        catch (SocketException aborted)
        {
            Assert.Equal(SocketError.ConnectionAborted, aborted.SocketErrorCode);
            return true;
        }
    }

    private static string Backends(params Socket[] backends) =>
        $"{{\"127.0.0.1\":{{{string.Join(',', backends.Select((socket, i) => $"\"p{i}\":{{\"Protocol\":\"TCP\",\"Port\":{Port(socket)}}}"))}}}}}";

    private static ushort Port(Socket socket) => (ushort)((IPEndPoint)socket.LocalEndPoint!).Port;

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(512);
        return socket;
    }
}
