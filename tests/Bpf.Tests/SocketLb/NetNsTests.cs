using System.Net;
using System.Net.Sockets;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.SocketLb;

public sealed class NetNsTests
{
    [BpfFact]
    public void A_socket_is_translated_by_its_cgroup_and_connects_in_its_network()
    {
        using var host = new SteeredHost();
        using var network = new NetNs();
        network.Ip("address", "add", "10.1.0.1/32", "dev", "lo");
        using Socket listener = network.Run(() => Tcp());
        listener.Bind(new IPEndPoint(IPAddress.Parse("10.1.0.1"), 8080));
        listener.Listen();
        host.Publish(LbProtocol.Tcp, 5, new TestBackend(1, (IPEndPoint)listener.LocalEndPoint!));

        using Socket inside = host.RunInside(() =>
        {
            network.Enter();
            return Tcp();
        });
        inside.Connect(SteeredHost.Frontend());
        using Socket accepted = listener.Accept();

        Assert.Equal(SteeredHost.Frontend(), inside.RemoteEndPoint);
        Assert.Equal(inside.LocalEndPoint, accepted.RemoteEndPoint);
        Assert.Equal(IPAddress.Parse("10.1.0.1"), ((IPEndPoint)inside.LocalEndPoint!).Address);
    }

    private static Socket Tcp() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
}
