using System.Net;
using System.Net.Sockets;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Agent;
using KvStoreMesh.NodeAgent.Commands;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Subscription;
using KvStoreMesh.NodeAgent.Tests.Agent;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.NodeAgent.Tests.Policy;

/// <summary>
/// A whole agent with its files on the real kernel: a pod behind a veth, a peer whose identity comes over the stream, and real
/// connections.
/// </summary>
public sealed class PolicyOnKernelTests : IDisposable
{
    private const string FromPeer = "{endpointSelector: {matchLabels: {app: be}}, ingress: [{fromEndpoints: [{matchLabels: {app: fe, io.cilium.k8s.policy.cluster: b}}], toPorts: [{ports: [{port: '8080'}]}]}], egress: [{}]}";
    private const string DenyAll = "{endpointSelector: {}, ingressDeny: [{fromEntities: [all]}]}";
    private const uint PeerIdentity = 131072 + 77;

    private readonly NetNs _host = new();
    private readonly NetNs _pod = new();
    private readonly BpffsDir _bpffs = new();

    public PolicyOnKernelTests()
    {
        _host.Ip("link", "add", "h0", "type", "veth", "peer", "name", "p0", "netns", _pod.Name);
        foreach (var (side, link, number) in ((NetNs, string, int)[])[(_host, "h0", 1), (_pod, "p0", 2)])
        {
            side.Ip("address", "add", $"10.9.0.{number}/24", "dev", link);
            side.Ip("address", "add", $"fd09::{number}/64", "dev", link, "nodad");
            side.Ip("link", "set", link, "up");
        }
    }

    private BpfDatapathOptions Options => new() { BpfFsRoot = _bpffs.Path, MapPrefix = "t_", EnforcesPolicy = true, Limits = new() { Services = 64, Backends = 64, ReverseNat = 64, IpCache = 1024, Policy = 256, Conntrack = 256 } };

    public void Dispose()
    {
        BpfDatapath.Cleanup(Options);
        _bpffs.Dispose();
        _pod.Dispose();
        _host.Dispose();
    }

    [BpfFact]
    public void Traffic_follows_the_files_over_a_restart_and_a_broken_file() => InHost(() =>
    {
        using var ports = new Listeners(_pod);
        using (var datapath = BpfDatapath.Open(Options))
        {
            var agent = Agent(datapath);
            agent.SetPolicies(EnforcerSpec.Reading("p", EnforcerSpec.Cnp(FromPeer)));
            agent.SetEndpoints(EnforcerSpec.Reading("e", EnforcerSpec.Endpoint));
            Expect(datapath, v4: true, 8080, passes: false, identity: 9);
            Tell(agent);
            Expect(datapath, v4: true, 8080, passes: true);
            Expect(datapath, v4: false, 8080, passes: true);
            Expect(datapath, v4: true, 8081, passes: false, PeerIdentity);

            var endpoint = Assert.Single(agent.EndpointList());
            Assert.Equal(("ready", true, true, 42), (endpoint.State, endpoint.EnforcesIngress, endpoint.EnforcesEgress, endpoint.Id));
            Assert.Equal("ALLOWED", agent.Trace(new("10.9.0.1", "demo/be", "8080")).Verdict);
            var denied = agent.Trace(new("10.9.0.1", "demo/be", "8081"));
            Assert.Equal("DENIED", denied.Verdict);
            Assert.Contains("ingress is enforced by p0.yaml: demo/p spec", denied.Ingress.Reason, StringComparison.Ordinal);
            Assert.Contains("no entry, drop", denied.Ingress.Map, StringComparison.Ordinal);
            Assert.Contains(agent.Status().Policy!.Traffic, traffic => traffic is { Reason: "Policy denied", Direction: "ingress", Packets: > 0 });
            BpftoolAgrees();
        }

        // The agent is away, and comes back with a file that it cannot read: what was enforced is, with other map sizes, too.
        using (var datapath = BpfDatapath.Open(Options with { Limits = Options.Limits with { Conntrack = 512 } }))
        {
            Expect(datapath, v4: true, 8080, passes: true);
            var agent = Agent(datapath);
            agent.SetPolicies(EnforcerSpec.Reading("p", "spec: ["));
            agent.SetEndpoints(EnforcerSpec.Reading("e", EnforcerSpec.Endpoint));
            Expect(datapath, v4: true, 8080, passes: true);
            Expect(datapath, v4: true, 8081, passes: false, PeerIdentity);
            Tell(agent);
            Expect(datapath, v4: true, 8080, passes: true);
            Assert.True(agent.Status().Policy!.Frozen);

            agent.SetPolicies(EnforcerSpec.Reading("p", EnforcerSpec.Cnp(FromPeer), EnforcerSpec.Cnp(DenyAll, "q")));
            Expect(datapath, v4: true, 8080, passes: false, PeerIdentity, DropReason.PolicyDeniedByDenyRule);
            agent.SetPolicies(EnforcerSpec.Reading("p"));
            Expect(datapath, v4: true, 8081, passes: true);
            BpftoolAgrees();
        }
    });

    [BpfFact]
    public void An_interface_that_goes_and_comes_back_is_policed_again() => InHost(() =>
    {
        using var datapath = BpfDatapath.Open(Options);
        var spec = new AgentSpec(datapath);
        spec.Agent.SetPolicies(EnforcerSpec.Reading("p", EnforcerSpec.Cnp(DenyAll)));
        spec.Agent.SetEndpoints(EnforcerSpec.Reading("e", EnforcerSpec.Endpoint));
        Assert.Equal("ready", Assert.Single(spec.Agent.EndpointList()).State);

        _host.Ip("link", "delete", "h0");
        Advance();
        var away = Assert.Single(spec.Agent.EndpointList());
        Assert.Equal("not-ready", away.State);
        Assert.Contains("h0: ENODEV", away.Problem, StringComparison.Ordinal);

        _host.Ip("link", "add", "h0", "type", "veth", "peer", "name", "p0", "netns", _pod.Name);
        Advance();
        Assert.Equal("ready", Assert.Single(spec.Agent.EndpointList()).State);
        Assert.True(datapath.Policy!.IsAttached(42, "h0", null));
        spec.Agent.SetEndpoints(EnforcerSpec.Reading("e"));
        Assert.Empty(PinnedMaps.PolicyMaps(Options));

        void Advance()
        {
            spec.Time.Advance(TimeSpan.FromSeconds(2));
            spec.Agent.Tick();
        }
    });

    private static MeshAgent Agent(BpfDatapath datapath)
    {
        var spec = new AgentSpec(datapath);
        return spec.Agent;
    }

    private static void Tell(MeshAgent agent)
    {
        long seq = 0;
        agent.Apply(new SessionOpened(1, "d", Some.Cluster("a"), [Some.Cluster("a"), Some.Cluster("b")], 1 << 20));
        Put("b", MeshKey.ClusterConfig, """{"id":2}""");
        Put("b", new(ResourceKind.Identities, $"{PeerIdentity}"), "k8s:app=fe;k8s:io.cilium.k8s.policy.cluster=b;k8s:io.kubernetes.pod.namespace=demo;");
        foreach (var ip in (string[])["10.9.0.1", "fd09::1"])
        {
            Put("b", new(ResourceKind.Endpoints, ip), $$"""{"IP":"{{ip}}","Mask":null,"HostIP":"172.18.0.9","ID":{{PeerIdentity}},"Key":0}""");
        }

        foreach (var cluster in (string[])["a", "b"])
        {
            agent.Apply(new ResourcesSynced(
                Some.Cluster(cluster), [ResourceKind.Nodes, ResourceKind.Endpoints, ResourceKind.Services, ResourceKind.Identities], ++seq));
        }

        void Put(string cluster, MeshKey key, string value) => agent.Apply(new RecordsReceived(
            ++seq, [new MeshRecord(Some.Cluster(cluster), key, Some.Bytes(value), seq, seq)]));
    }

    /// <summary>What bpftool reads off each policy map is what our own listing says.</summary>
    private void BpftoolAgrees()
    {
        var listed = PinnedMaps.ReadPolicies(Options);
        Assert.NotEmpty(listed);
        foreach (var map in listed)
        {
            var dump = Command.Run("bpftool", "map", "dump", "pinned", map.Path);
            Assert.Contains($"Found {map.Entries.Count} element", dump, StringComparison.Ordinal);
            var bytes = string.Concat(dump.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(word => word.Length == 2 && word.All(char.IsAsciiHexDigitLower)));
            foreach (var (key, entry) in map.Entries)
            {
                Assert.Contains(Hex(key) + Hex(entry), bytes, StringComparison.Ordinal);
            }

            Assert.Equal(map.Entries.Count, PolicyTable.Entries(map).Count);
        }

        foreach (var name in (string[])["t_cilium_metrics", "t_kvstoremesh_ct", "t_cilium_ipcache_v2"])
        {
            Assert.Contains("key:", Command.Run("bpftool", "map", "dump", "pinned", Path.Combine(_bpffs.Path, "tc/globals", name)), StringComparison.Ordinal);
        }

        static string Hex<T>(T value)
            where T : unmanaged => Convert.ToHexStringLower(System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(new T[] { value }));
    }

    private static void Expect(BpfDatapath datapath, bool v4, int port, bool passes, uint identity = 0, DropReason reason = DropReason.PolicyDenied)
    {
        while (datapath.Policy!.TakeDrops(TimeSpan.Zero).Count > 0)
        {
            continue;
        }

        using var client = new Socket(v4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        client.Bind(new IPEndPoint(IPAddress.Parse(v4 ? "10.9.0.1" : "fd09::1"), 0));
        var target = new IPEndPoint(IPAddress.Parse(v4 ? "10.9.0.2" : "fd09::2"), port);
        if (passes)
        {
            client.Connect(target);
            return;
        }

        client.Blocking = false;
        Assert.Equal(SocketError.WouldBlock, Assert.Throws<SocketException>(() => client.Connect(target)).SocketErrorCode);
        for (var tries = 0; tries < 60; tries++)
        {
            foreach (var dropped in datapath.Policy!.TakeDrops(TimeSpan.FromMilliseconds(500)))
            {
                if (dropped.Destination.Port == port && dropped.Source.Equals(client.LocalEndPoint))
                {
                    Assert.Equal((reason, identity, (ushort)42), (dropped.Reason, dropped.RemoteIdentity, dropped.Endpoint));
                    return;
                }
            }
        }

        Assert.Fail($"no packet to port {port} was dropped");
    }

    private void InHost(Action test) => _host.Run(() =>
    {
        test();
        return true;
    });

    /// <summary>The pod listens on these ports in both families.</summary>
    private sealed class Listeners : IDisposable
    {
        private readonly List<Socket> _sockets = [];

        public Listeners(NetNs pod)
        {
            foreach (var address in (string[])["10.9.0.2", "fd09::2"])
            {
                foreach (var port in (int[])[8080, 8081])
                {
                    var socket = pod.Run(() => new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Stream, ProtocolType.Tcp));
                    socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
                    socket.Listen(64);
                    _sockets.Add(socket);
                }
            }
        }

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
    }
}
