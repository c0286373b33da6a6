using System.Net;
using System.Net.Sockets;
using KvStoreMesh.Bpf.Links;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Bpf.PolicyEnforcement;
using KvStoreMesh.Bpf.Syscalls;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.PolicyEnforcement;

/// <summary>Real sockets through attached programs, which were loaded with CAP_BPF and CAP_NET_ADMIN alone.</summary>
public sealed class TrafficTests
{
    private const AddressFamily V4 = AddressFamily.InterNetwork;
    private const AddressFamily V6 = AddressFamily.InterNetworkV6;

    [BpfFact]
    public void At_an_interface_both_directions_are_policed() => Both_directions_are_policed(byInterface: true);

    [BpfFact]
    public void At_a_cgroup_both_directions_are_policed() => Both_directions_are_policed(byInterface: false);

    [BpfFact]
    public void At_an_interface_datagrams_are_policed_in_both_directions() => Datagrams_are_policed_in_both_directions(byInterface: true);

    [BpfFact]
    public void At_a_cgroup_datagrams_are_policed_in_both_directions() => Datagrams_are_policed_in_both_directions(byInterface: false);

    [BpfFact]
    public void Enforcement_outlives_the_agent_and_a_restart_takes_the_links_over()
    {
        using var lab = new EndpointLab(byInterface: true);
        Assert.Equal([LinkOrigin.Created, LinkOrigin.Created], lab.Attach());
        lab.Allow(PolicyDirection.Ingress, Packet.Tcp, 8080);
        using Socket listener = Listen(lab, inPod: true, V4, 8080);
        using Socket before = Connect(lab, fromPod: false, V4, 8080);
        using Socket accepted = listener.Accept();

        lab.Restart();
        RefusesTcp(lab, fromPod: false, V4, 8081);
        Assert.Equal(["demo/be"], lab.Pins.Owners().Values);
        Assert.Equal([LinkOrigin.Adopted, LinkOrigin.Adopted], lab.Attach());

        Assert.True(Exchange(before, accepted));
        RefusesTcp(lab, fromPod: false, V4, 8081);
        using Socket after = Connect(lab, fromPod: false, V4, 8080);
    }

    [BpfFact]
    public void An_endpoint_may_move_from_its_interface_to_a_cgroup()
    {
        using var lab = new EndpointLab(byInterface: true);
        EndpointTarget atInterface = lab.Target;
        lab.Attach();
        using var cgroup = new CgroupDir();

        lab.Target = new(null, cgroup.Path);
        Assert.Equal([LinkOrigin.Created, LinkOrigin.Created], lab.Attach());

        // Nobody is in that cgroup, so the traffic of the interface is free.
        using Socket listener = Listen(lab, inPod: true, V4, 8080);
        using Socket connected = Connect(lab, fromPod: false, V4, 8080);
        lab.Target = atInterface;
        lab.Attach();
        RefusesTcp(lab, fromPod: false, V4, 8081);
        lab.Target = new(null, cgroup.Path);
        lab.Attach();
    }

    [BpfFact]
    public void Detached_the_endpoint_is_free_and_no_pin_is_left()
    {
        using var lab = new EndpointLab(byInterface: true);
        lab.Attach();
        lab.Detach();
        lab.Detach();

        using Socket listener = Listen(lab, inPod: true, V6, 8080);
        using Socket connected = Connect(lab, fromPod: false, V6, 8080);
        Assert.Empty(lab.Pins.Owners());
        Assert.Empty(Directory.GetDirectories(Path.Combine(lab.BpffsRoot, "cilium/endpoints")));
    }

    [BpfFact]
    public void A_missing_interface_is_named()
    {
        using var lab = new EndpointLab(byInterface: true);
        lab.Target = new("nosuch0", null);

        var missing = Assert.Throws<BpfException>(() => lab.Attach());

        Assert.Contains("nosuch0: ENODEV", missing.Message, StringComparison.Ordinal);
    }

    private static void Both_directions_are_policed(bool byInterface)
    {
        using var lab = new EndpointLab(byInterface);
        lab.Attach();
        foreach (AddressFamily family in (AddressFamily[])[V4, V6])
        {
            using Socket inPod = Listen(lab, inPod: true, family, 8080);
            using Socket onHost = Listen(lab, inPod: false, family, 9000);

            // A cgroup polices what would reach one of its sockets.
            using Socket closed = Listen(lab, inPod: true, family, 8081);
            if (family == V4)
            {
                RefusesTcp(lab, fromPod: false, family, 8080);
                RefusesTcp(lab, fromPod: true, family, 9000);
                lab.Allow(PolicyDirection.Ingress, Packet.Tcp, 8080);
                lab.Allow(PolicyDirection.Egress, Packet.Tcp, 9000);
            }

            foreach ((bool fromPod, Socket listener, int port) in ((bool, Socket, int)[])[(false, inPod, 8080), (true, onHost, 9000)])
            {
                using Socket client = Connect(lab, fromPod, family, port);
                using Socket server = listener.Accept();
                Assert.True(Exchange(client, server));
            }

            RefusesTcp(lab, fromPod: false, family, 8081);
            RefusesTcp(lab, fromPod: true, family, 8080);
        }
    }

    private static void Datagrams_are_policed_in_both_directions(bool byInterface)
    {
        using var lab = new EndpointLab(byInterface);
        lab.Attach();
        lab.Allow(PolicyDirection.Ingress, Packet.Udp, 5353);
        lab.Allow(PolicyDirection.Egress, Packet.Udp, 53);
        foreach (AddressFamily family in (AddressFamily[])[V4, V6])
        {
            foreach ((bool fromPod, int port) in ((bool, int)[])[(false, 5353), (true, 53)])
            {
                using Socket server = lab.Socket(!fromPod, family, SocketType.Dgram);
                server.Bind(new IPEndPoint(EndpointLab.Address(family, ofPod: !fromPod), port));
                using Socket client = lab.Socket(fromPod, family, SocketType.Dgram);
                client.Connect(server.LocalEndPoint!);
                client.Send([1]);
                EndPoint from = new IPEndPoint(family == V4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
                byte[] buffer = new byte[1];
                Assert.Equal(1, server.ReceiveFrom(buffer, ref from));
                server.SendTo([2], from);
                Assert.Equal(1, client.Receive(buffer));
                Assert.Equal(2, buffer[0]);

                using Socket closed = lab.Socket(!fromPod, family, SocketType.Dgram);
                closed.Bind(new IPEndPoint(EndpointLab.Address(family, ofPod: !fromPod), port + 1));
                using Socket stranger = lab.Socket(fromPod, family, SocketType.Dgram);
                Try(() => stranger.SendTo([1], new IPEndPoint(EndpointLab.Address(family, ofPod: !fromPod), port + 1)));
                PolicyDirection direction = fromPod ? PolicyDirection.Egress : PolicyDirection.Ingress;
                Assert.Equal(DropReason.PolicyDenied, lab.Dropped(direction, port + 1).Reason);
            }
        }
    }

    private static Socket Listen(EndpointLab lab, bool inPod, AddressFamily family, int port)
    {
        Socket listener = lab.Socket(inPod, family, SocketType.Stream);
        listener.Bind(new IPEndPoint(EndpointLab.Address(family, inPod), port));
        listener.Listen();
        return listener;
    }

    private static Socket Connect(EndpointLab lab, bool fromPod, AddressFamily family, int port)
    {
        Socket client = lab.Socket(fromPod, family, SocketType.Stream);
        client.Connect(new IPEndPoint(EndpointLab.Address(family, ofPod: !fromPod), port));
        return client;
    }

    private static bool Exchange(Socket client, Socket server)
    {
        byte[] buffer = new byte[1];
        client.Send([7]);
        server.Receive(buffer);
        server.Send(buffer);
        return client.Receive(buffer) == 1 && buffer[0] == 7;
    }

    /// <summary>A drop is silent, and a connect would wait for minutes: what shows it is the report of it.</summary>
    private static void RefusesTcp(EndpointLab lab, bool fromPod, AddressFamily family, int port)
    {
        using Socket client = lab.Socket(fromPod, family, SocketType.Stream);
        client.Blocking = false;
        Try(() => client.Connect(new IPEndPoint(EndpointLab.Address(family, ofPod: !fromPod), port)));
        DropEvent dropped = lab.Dropped(fromPod ? PolicyDirection.Egress : PolicyDirection.Ingress, port);
        Assert.Equal(
            (DropReason.PolicyDenied, EndpointLab.HostIdentity, EndpointLab.Endpoint, Packet.Tcp),
            (dropped.Reason, dropped.RemoteIdentity, dropped.Endpoint, dropped.Protocol));
        Assert.False(client.Connected);
    }

    // cgroup_skb refuses the sender's own call, which then fails; tcx drops in silence.
    private static void Try(Action send)
    {
        try
        {
            send();
        }
        catch (SocketException refused) when (refused.SocketErrorCode is SocketError.WouldBlock or SocketError.AccessDenied or SocketError.InProgress)
        {
            return;
        }
    }
}
