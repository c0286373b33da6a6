using System.Net;
using System.Net.Sockets;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.SocketLb;

/// <summary>I15: a service with live backends never has an empty or dangling slot, at any instant, across updates and restarts.</summary>
public sealed class RaceTests
{
    private const int Datagrams = 100_000;
    private const int Connections = 1_500;

    [BpfFact]
    public void No_datagram_finds_a_hole_while_the_service_changes_in_the_safe_order()
    {
        using var host = new SteeredHost();
        using var targets = new UdpTargets();

        (int errors, int leaked, int turns) = SendWhile(host, targets, writer => set => writer.Publish(set), Datagrams);

        Assert.Equal((0, 0), (errors, leaked));
        Assert.True(turns > 100, $"the service changed only {turns} times");
    }

    [BpfFact]
    public void The_careless_order_is_noticed_or_the_test_above_would_prove_nothing()
    {
        using var host = new SteeredHost();
        using var targets = new UdpTargets();

        (int errors, _, _) = SendWhile(host, targets, writer => set => writer.PublishCarelessly(set), Datagrams / 4);

        Assert.True(errors > 0);
    }

    [BpfFact]
    public void No_connection_finds_a_hole_while_the_service_changes_in_the_safe_order()
    {
        using var host = new SteeredHost();
        EchoBackend[] servers = [.. Enumerable.Range(1, 4).Select(name => new EchoBackend((byte)name))];
        try
        {
            TestBackend[][] sets = Sets([.. servers.Select(s => s.Tcp)]);
            var writer = new ServiceWriter(host.Services, host.Backends, new(SteeredHost.Vip, 80, LbProtocol.Tcp), 5);
            writer.Publish(sets[0]);

            int turns = Race(turn => writer.Publish(sets[turn % sets.Length]), () => ConnectMany(host));

            Assert.True(turns > 100, $"the service changed only {turns} times");
        }
        finally
        {
            Array.ForEach(servers, server => server.Dispose());
        }
    }

    [BpfFact]
    public void No_datagram_is_lost_to_a_program_that_is_being_swapped()
    {
        using var host = new SteeredHost();
        using var targets = new UdpTargets();
        new ServiceWriter(host.Services, host.Backends, targets.Frontend, 5).Publish(targets.Sets[0]);
        int errors = 0;

        int turns = Race(_ => host.Restart(), () => errors = targets.Send(host, Datagrams));

        Assert.Equal((0, 0), (errors, targets.Leaked));
        Assert.True(turns > 1, $"the programs were swapped only {turns} times");
    }

    private static (int Errors, int Leaked, int Turns) SendWhile(
        SteeredHost host, UdpTargets targets, Func<ServiceWriter, Action<TestBackend[]>> order, int datagrams)
    {
        var writer = new ServiceWriter(host.Services, host.Backends, targets.Frontend, 5);
        Action<TestBackend[]> publish = order(writer);
        writer.Publish(targets.Sets[0]);
        int errors = 0;
        int turns = Race(turn => publish(targets.Sets[turn % targets.Sets.Length]), () => errors = targets.Send(host, datagrams));
        return (errors, targets.Leaked, turns);
    }

    /// <summary>Repeats a change on one thread until the load on this one is done. Both are bounded by the load.</summary>
    private static int Race(Action<int> change, Action load)
    {
        bool done = false;
        int turns = 0;
        Exception? failure = null;
        var changer = new Thread(() =>
        {
            try
            {
                while (!Volatile.Read(ref done))
                {
                    change(turns++);
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        changer.Start();
        try
        {
            load();
        }
        finally
        {
            Volatile.Write(ref done, true);
            changer.Join();
        }

        Assert.Null(failure);
        return turns;
    }

    private static void ConnectMany(SteeredHost host) => host.RunInside(() =>
    {
        for (int i = 0; i < Connections; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(SteeredHost.Frontend());
        }

        return true;
    });

    /// <summary>Backend sets that share nothing, overlap, grow and shrink.</summary>
    private static TestBackend[][] Sets(IPEndPoint[] at) =>
    [
        [new(1, at[0]), new(2, at[1])],
        [new(3, at[2])],
        [new(4, at[3]), new(1, at[0]), new(2, at[1]), new(3, at[2])],
        [new(2, at[1]), new(4, at[3])],
        [new(1, at[0])],
        [new(2, at[1]), new(3, at[2]), new(4, at[3])],
    ];

    /// <summary>Sockets that nobody reads, and one bound to the frontend itself that catches what was not translated.</summary>
    private sealed class UdpTargets : IDisposable
    {
        private readonly Socket[] _backends;
        private readonly Socket _leak;

        public UdpTargets()
        {
            _backends = [.. Enumerable.Range(1, 4).Select(n => Bind(new IPAddress([127, (byte)n, 0, 2])))];
            _leak = Bind(SteeredHost.Vip);
            Frontend = new(SteeredHost.Vip, (ushort)((IPEndPoint)_leak.LocalEndPoint!).Port, LbProtocol.Udp);
            Sets = RaceTests.Sets([.. _backends.Select(b => (IPEndPoint)b.LocalEndPoint!)]);
        }

        public Lb4Key Frontend { get; }

        public TestBackend[][] Sets { get; }

        public int Leaked => _leak.Available;

        /// <summary>How many of the datagrams were refused.</summary>
        public int Send(SteeredHost host, int datagrams)
        {
            using Socket socket = host.NewSocket(SocketType.Dgram);
            SocketAddress frontend = new IPEndPoint(Frontend.Address, Frontend.Port).Serialize();
            int errors = 0;
            for (int i = 0; i < datagrams; i++)
            {
                try
                {
                    socket.SendTo(new byte[1], SocketFlags.None, frontend);
                }
                catch (SocketException)
                {
                    errors++;
                }
            }

            return errors;
        }

        public void Dispose()
        {
            Array.ForEach(_backends, backend => backend.Dispose());
            _leak.Dispose();
        }

        private static Socket Bind(IPAddress address)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(address, 0));
            return socket;
        }
    }
}
