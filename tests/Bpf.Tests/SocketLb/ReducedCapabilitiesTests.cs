using System.Net.Sockets;
using KvStoreMesh.Bpf.Environment;
using KvStoreMesh.Bpf.Links;
using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.Bpf.SocketLb;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.SocketLb;

public sealed class ReducedCapabilitiesTests
{
    [BpfFact]
    public void Everything_works_with_CAP_BPF_and_CAP_NET_ADMIN_alone()
    {
        using var bpffs = new BpffsDir();
        using var cgroup = new CgroupDir();
        using var backend = new EchoBackend(1);
        var options = new SocketLbOptions { CgroupPath = cgroup.Path, BpfFsRoot = bpffs.Path };

        // Twice: the second time adopts what the first one pinned.
        for (int run = 0; run < 2; run++)
        {
            LinkOrigin expected = run == 0 ? LinkOrigin.Created : LinkOrigin.Adopted;
            IReadOnlyList<SocketLbLink> links = ReducedCapabilities.Run(
                [ReducedCapabilities.Bpf, ReducedCapabilities.NetAdmin], () => RunAgent(options, backend));

            Assert.All(links, link => Assert.Equal(expected, link.Origin));
            using Socket socket = cgroup.Run(() => new Socket(SocketType.Stream, ProtocolType.Tcp));
            socket.Connect(SteeredHost.Frontend());
            Assert.Equal(1, TcpTests.Ask(socket));
        }

        ReducedCapabilities.Run([ReducedCapabilities.Bpf], () =>
        {
            SocketLoadBalancer.Detach(options);
            return true;
        });
    }

    private static IReadOnlyList<SocketLbLink> RunAgent(SocketLbOptions options, EchoBackend backend)
    {
        Assert.True(BpfEnvironment.Probe(new() { BpfFsRoot = options.BpfFsRoot, CgroupPath = options.CgroupPath }).IsReady);
        var specs = new CiliumMaps(new() { SocketReverseNatEntries = 64 });
        using var maps = new LoadBalancerMapSet(specs, options.BpfFsRoot);
        new ServiceWriter(maps.Services4, maps.Backends4, new(SteeredHost.Vip, 80, LbProtocol.Tcp), 5).Publish([new(1, backend.Tcp)]);
        return SocketLoadBalancer.Attach(options, maps);
    }
}
