using System.Net;
using System.Net.Sockets;
using KvStoreMesh.Bpf.Links;
using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.IpCache;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Bpf.PolicyEnforcement;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.PolicyEnforcement;

/// <summary>
/// A host and a pod, each a network namespace, with a veth between them, and policy on the pod: on the host's side of the veth
/// or on the cgroup in which the pod's sockets are made.
/// </summary>
internal sealed class EndpointLab : IDisposable
{
    public const ushort Endpoint = 42;
    public const uint HostIdentity = 1001;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly NetNs _host = new();
    private readonly NetNs _pod = new();
    private readonly BpffsDir _bpffs = new();
    private readonly CgroupDir _cgroup = new();
    private readonly CiliumMaps _specs = new(new() { ConntrackEntries = 256 });

    public EndpointLab(bool byInterface)
    {
        _host.Ip("link", "add", "h0", "type", "veth", "peer", "name", "p0", "netns", _pod.Name);
        foreach ((NetNs side, string link, int number) in ((NetNs, string, int)[])[(_host, "h0", 1), (_pod, "p0", 2)])
        {
            side.Ip("address", "add", $"10.9.0.{number}/24", "dev", link);
            side.Ip("address", "add", $"fd09::{number}/64", "dev", link, "nodad");
            side.Ip("link", "set", link, "up");
        }

        Target = byInterface ? new("h0", null) : new(null, _cgroup.Path);
        Pins = new EndpointPins(_bpffs.Path, "");
        OpenMaps();
        IpCache.Update(new(IPAddress.Parse("10.9.0.1")), new(HostIdentity));
        IpCache.Update(new(IPAddress.Parse("fd09::1")), new(HostIdentity));
    }

    public EndpointTarget Target { get; set; }

    public EndpointPins Pins { get; }

    public string BpffsRoot => _bpffs.Path;

    public SharedPolicyMaps Shared { get; private set; } = null!;

    public BpfMap<IpCacheKey, RemoteEndpointInfo> IpCache { get; private set; } = null!;

    public BpfMap<PolicyKey, PolicyEntry> Policy { get; private set; } = null!;

    /// <summary>The far end's address of a family, seen from one side.</summary>
    public static IPAddress Address(AddressFamily family, bool ofPod) =>
        IPAddress.Parse((family == AddressFamily.InterNetwork ? "10.9.0." : "fd09::") + (ofPod ? 2 : 1));

    /// <summary>With the capabilities of an agent in a container.</summary>
    public IReadOnlyList<LinkOrigin> Attach() => _host.Run(() => ReducedCapabilities.Run(
        [ReducedCapabilities.Bpf, ReducedCapabilities.NetAdmin],
        () => EndpointPrograms.Attach(Pins, Endpoint, "demo/be", Target, IpCache, Policy, Shared)));

    public void Detach() => _host.Run(() =>
    {
        EndpointPrograms.Detach(Pins, Endpoint);
        return true;
    });

    public void Allow(PolicyDirection direction, byte protocol, ushort port)
    {
        var key = new PolicyKey(HostIdentity, direction, protocol, port, 16);
        Policy.Update(key, new(key, isDeny: false, PolicyEntry.AllowPrecedence));
    }

    public Socket Socket(bool inPod, AddressFamily family, SocketType type) => inPod
        ? _cgroup.Run(() => _pod.Run(() => NewSocket(family, type)))
        : _host.Run(() => NewSocket(family, type));

    /// <summary>What a restart of the agent does to the maps: new descriptors.</summary>
    public void Restart()
    {
        CloseMaps();
        OpenMaps();
    }

    /// <summary>The next report of a drop in this direction to this port.</summary>
    public DropEvent Dropped(PolicyDirection direction, int port)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < Patience)
        {
            while (Shared.Drops.TryRead(out DropEvent dropped))
            {
                if (dropped.Direction == direction && dropped.Destination.Port == port)
                {
                    return dropped;
                }
            }

            Shared.Drops.Wait(1000);
        }

        throw new TimeoutException($"no packet {direction} to port {port} was dropped");
    }

    public void CloseMaps()
    {
        Shared.Dispose();
        IpCache.Dispose();
        Policy.Dispose();
    }

    public void Dispose()
    {
        CloseMaps();
        Detach();
        _bpffs.Dispose();
        _pod.Dispose();
        _host.Dispose();
        _cgroup.Dispose();
    }

    private static Socket NewSocket(AddressFamily family, SocketType type) =>
        new(family, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp) { SendTimeout = 30_000, ReceiveTimeout = 30_000 };

    private void OpenMaps()
    {
        string directory = CiliumMaps.PinDirectory(_bpffs.Path);
        Shared = SharedPolicyMaps.Open(_specs, directory);
        IpCache = BpfMap.OpenOrCreatePinned(_specs.IpCache, directory, PinMismatch.Refuse, out _);
        Policy = BpfMap.OpenOrCreatePinned(_specs.Policy(Endpoint), directory, PinMismatch.Replace, out _);
    }
}
