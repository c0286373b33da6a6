using System.Net;
using System.Net.Sockets;
using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.Bpf.SocketLb;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.SocketLb;

/// <summary>
/// Maps, programs and a cgroup of its own. Frontends and backends are in 127/8, so that a broken translation never leaves
/// the machine. Only sockets from <see cref="NewSocket"/> are steered.
/// </summary>
internal sealed class SteeredHost : IDisposable
{
    public static readonly IPAddress Vip = IPAddress.Parse("127.96.0.10");

    private readonly BpffsDir _bpffs = new();
    private readonly CgroupDir _cgroup = new();
    private readonly CiliumMaps _specs = new(new() { SocketReverseNatEntries = 4096, AffinityEntries = 1024 });

    public SteeredHost()
    {
        Options = new() { CgroupPath = _cgroup.Path, BpfFsRoot = _bpffs.Path };
        try
        {
            Maps = new LoadBalancerMapSet(_specs, _bpffs.Path);
            Links = SocketLoadBalancer.Attach(Options, Maps);
        }
        catch
        {
            RemoveDirectories();
            throw;
        }
    }

    public SocketLbOptions Options { get; }

    public IReadOnlyList<SocketLbLink> Links { get; private set; }

    public LoadBalancerMapSet Maps { get; private set; }

    public BpfMap<Lb4Key, Lb4Service> Services => Maps.Services4;

    public BpfMap<uint, Lb4Backend> Backends => Maps.Backends4;

    public BpfMap<Lb4ReverseSkKey, Lb4ReverseSk> ReverseSk => Maps.ReverseSk4;

    public static IPEndPoint Frontend(ushort port = 80) => new(Vip, port);

    /// <summary>Makes a socket inside the cgroup; every thread may use it.</summary>
    public Socket NewSocket(SocketType type, AddressFamily family = AddressFamily.InterNetwork) => _cgroup.Run(() =>
    {
        ProtocolType protocol = type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp;
        return family == AddressFamily.InterNetworkV6 ? new Socket(type, protocol) : new Socket(family, type, protocol);
    });

    /// <summary>Runs code on a thread inside the cgroup: all sockets it makes are steered.</summary>
    public T RunInside<T>(Func<T> code) => _cgroup.Run(code);

    /// <summary>Publishes a service with these backends, in the order in which no reader finds a hole; see <see cref="ServiceWriter"/>.</summary>
    public void Publish(LbProtocol protocol, ushort revNatIndex, params IReadOnlyList<TestBackend> backends) =>
        new ServiceWriter(Services, Backends, new Lb4Key(Vip, 80, protocol), revNatIndex).Publish(backends);

    /// <summary>What a restart of the agent does: new descriptors of the pinned maps, new programs, adopted links.</summary>
    public void Restart()
    {
        CloseMaps();
        Maps = new LoadBalancerMapSet(_specs, _bpffs.Path);
        Links = SocketLoadBalancer.Attach(Options, Maps);
    }

    /// <summary>What the death of the agent does.</summary>
    public void CloseMaps() => Maps.Dispose();

    public void Dispose()
    {
        CloseMaps();
        try
        {
            SocketLoadBalancer.Detach(Options);
        }
        finally
        {
            RemoveDirectories();
        }
    }

    // With the pins the maps and links go, whatever went wrong before.
    private void RemoveDirectories()
    {
        _bpffs.Dispose();
        _cgroup.Dispose();
    }
}
