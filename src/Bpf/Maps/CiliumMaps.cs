using System.Globalization;
using KvStoreMesh.Bpf.Maps.IpCache;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.Bpf.Maps.Policy;

namespace KvStoreMesh.Bpf.Maps;

/// <summary>
/// The maps by Cilium's names, types and flags, so that <c>bpftool</c> and <c>cilium bpf</c> read them.
/// Cilium: pkg/loadbalancer/maps, pkg/maps/ipcache, pkg/maps/policymap, pkg/maps/metricsmap.
/// </summary>
public sealed class CiliumMaps
{
    private const uint MetricsEntries = 1024;

    private readonly CiliumMapOptions _options;

    /// <summary>The specs under these options.</summary>
    /// <exception cref="ArgumentException">The prefix has a character that cannot stand in a pin's name.</exception>
    public CiliumMaps(CiliumMapOptions options)
    {
        if (!options.Prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            throw new ArgumentException(
                $"the map prefix \"{options.Prefix}\" may have letters, digits, underscores and hyphens only (a bpffs takes no dots)", nameof(options));
        }

        _options = options;
        BpfMapFlags hash = options.Preallocate ? BpfMapFlags.None : BpfMapFlags.NoPreallocation;
        Services4 = new(
            options.Prefix + "cilium_lb4_services_v2", BpfMapType.Hash, options.ServiceEntries, hash | BpfMapFlags.ReadOnlyForPrograms);
        Backends4 = new(options.Prefix + "cilium_lb4_backends_v3", BpfMapType.Hash, options.BackendEntries, hash);
        ReverseNat4 = new(options.Prefix + "cilium_lb4_reverse_nat", BpfMapType.Hash, options.ReverseNatEntries, hash);
        ReverseSk4 = new(options.Prefix + "cilium_lb4_reverse_sk", BpfMapType.LruHash, options.SocketReverseNatEntries, BpfMapFlags.None);
        Services6 = new(
            options.Prefix + "cilium_lb6_services_v2", BpfMapType.Hash, options.ServiceEntries, hash | BpfMapFlags.ReadOnlyForPrograms);
        Backends6 = new(options.Prefix + "cilium_lb6_backends_v3", BpfMapType.Hash, options.BackendEntries, hash);
        ReverseNat6 = new(options.Prefix + "cilium_lb6_reverse_nat", BpfMapType.Hash, options.ReverseNatEntries, hash);
        ReverseSk6 = new(options.Prefix + "cilium_lb6_reverse_sk", BpfMapType.LruHash, options.SocketReverseNatEntries, BpfMapFlags.None);
        Affinity4 = new(options.Prefix + "cilium_lb4_affinity", BpfMapType.LruHash, options.AffinityEntries, BpfMapFlags.None);
        Affinity6 = new(options.Prefix + "cilium_lb6_affinity", BpfMapType.LruHash, options.AffinityEntries, BpfMapFlags.None);
        AffinityMatch = new(
            options.Prefix + "cilium_lb_affinity_match", BpfMapType.Hash, options.AffinityEntries, hash | BpfMapFlags.ReadOnlyForPrograms);
        IpCache = new(
            options.Prefix + "cilium_ipcache_v2",
            BpfMapType.LpmTrie,
            options.IpCacheEntries,
            BpfMapFlags.NoPreallocation | BpfMapFlags.ReadOnlyForPrograms);
        Metrics = new(options.Prefix + "cilium_metrics", BpfMapType.PerCpuHash, MetricsEntries, BpfMapFlags.None);
        Conntrack = new(options.Prefix + "kvstoremesh_ct", BpfMapType.LruHash, options.ConntrackEntries, BpfMapFlags.None);
    }

    /// <summary><c>cilium_lb4_services_v2</c>: IPv4 frontends and their slots.</summary>
    public BpfMapSpec<Lb4Key, Lb4Service> Services4 { get; }

    /// <summary><c>cilium_lb4_backends_v3</c>: IPv4 backends by id.</summary>
    public BpfMapSpec<uint, Lb4Backend> Backends4 { get; }

    /// <summary><c>cilium_lb4_reverse_nat</c>: IPv4 frontends by service id.</summary>
    public BpfMapSpec<ReverseNatKey, Lb4ReverseNat> ReverseNat4 { get; }

    /// <summary><c>cilium_lb4_reverse_sk</c>: what the socket programs remember of IPv4 sockets.</summary>
    public BpfMapSpec<Lb4ReverseSkKey, Lb4ReverseSk> ReverseSk4 { get; }

    /// <summary><c>cilium_lb6_services_v2</c>: IPv6 frontends and their slots.</summary>
    public BpfMapSpec<Lb6Key, Lb4Service> Services6 { get; }

    /// <summary><c>cilium_lb6_backends_v3</c>: IPv6 backends by id.</summary>
    public BpfMapSpec<uint, Lb6Backend> Backends6 { get; }

    /// <summary><c>cilium_lb6_reverse_nat</c>: IPv6 frontends by service id.</summary>
    public BpfMapSpec<ReverseNatKey, Lb6ReverseNat> ReverseNat6 { get; }

    /// <summary><c>cilium_lb6_reverse_sk</c>: what the socket programs remember of IPv6 sockets.</summary>
    public BpfMapSpec<Lb6ReverseSkKey, Lb6ReverseSk> ReverseSk6 { get; }

    /// <summary><c>cilium_lb4_affinity</c>: the IPv4 backends that clients had last.</summary>
    public BpfMapSpec<Lb4AffinityKey, LbAffinity> Affinity4 { get; }

    /// <summary><c>cilium_lb6_affinity</c>: the IPv6 backends that clients had last.</summary>
    public BpfMapSpec<Lb6AffinityKey, LbAffinity> Affinity6 { get; }

    /// <summary><c>cilium_lb_affinity_match</c>: which backends take connections of which service with session affinity.</summary>
    public BpfMapSpec<LbAffinityMatch, byte> AffinityMatch { get; }

    /// <summary><c>cilium_ipcache_v2</c>: identities and tunnel endpoints by IP prefix, both families.</summary>
    public BpfMapSpec<IpCacheKey, RemoteEndpointInfo> IpCache { get; }

    /// <summary><c>cilium_metrics</c>: packets that passed policy or were dropped, by reason and direction.</summary>
    public BpfMapSpec<MetricsKey, MetricsValue> Metrics { get; }

    /// <summary><c>kvstoremesh_ct</c>: the flows whose replies pass. Not Cilium's: its conntrack serves much more than that.</summary>
    public BpfMapSpec<ConntrackKey, ConntrackEntry> Conntrack { get; }

    /// <summary>The name of the ring of dropped packets.</summary>
    public string DropRingName => _options.Prefix + "kvstoremesh_drops";

    /// <summary>The bytes of the ring of dropped packets.</summary>
    public uint DropRingBytes => _options.DropRingBytes;

    /// <summary><c>cilium_policy_v2_00042</c>: the policy of one endpoint.</summary>
    public BpfMapSpec<PolicyKey, PolicyEntry> Policy(ushort endpoint) => new(
        PolicyPinPrefix + endpoint.ToString("D5", CultureInfo.InvariantCulture),
        BpfMapType.LpmTrie,
        _options.PolicyEntries,
        BpfMapFlags.NoPreallocation | BpfMapFlags.ReadOnlyForPrograms);

    /// <summary>What the names of policy maps begin with; the endpoint's number follows.</summary>
    public string PolicyPinPrefix => _options.Prefix + "cilium_policy_v2_";

    /// <summary>The names of all of them, prefix included.</summary>
    public IReadOnlyList<string> Names =>
    [
        Services4.Name, Backends4.Name, ReverseNat4.Name, ReverseSk4.Name, Affinity4.Name,
        Services6.Name, Backends6.Name, ReverseNat6.Name, ReverseSk6.Name, Affinity6.Name,
        AffinityMatch.Name, IpCache.Name,
    ];

    /// <summary>The names of the maps that policy enforcement shares; each endpoint has one more.</summary>
    public IReadOnlyList<string> PolicyNames => [Metrics.Name, Conntrack.Name, DropRingName];

    /// <summary>Where Cilium pins its maps below the root of a bpffs: <c>tc/globals</c>.</summary>
    public static string PinDirectory(string bpfFsRoot) => Path.Combine(bpfFsRoot, "tc", "globals");
}
