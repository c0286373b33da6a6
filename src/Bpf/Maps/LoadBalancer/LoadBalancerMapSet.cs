using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>Every load-balancing map of both families, open. Disposing closes descriptors; pinned maps and their entries live on.</summary>
public sealed class LoadBalancerMapSet : IDisposable
{
    private readonly List<IDisposable> _open = [];

    /// <summary>Adopts what is pinned, or creates and pins it.</summary>
    /// <param name="specs">What the maps look like.</param>
    /// <param name="bpfFsRoot">The bpffs.</param>
    /// <param name="onMismatch">What to do with a map of another shape. The maps that programs fill, which a new size would cost their entries, are adopted whatever their size.</param>
    /// <exception cref="BpfMapMismatchException">Another shape is pinned, and it is to be left alone.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public LoadBalancerMapSet(CiliumMaps specs, string bpfFsRoot, PinMismatch onMismatch = PinMismatch.Refuse)
    {
        var directory = CiliumMaps.PinDirectory(bpfFsRoot);
        try
        {
            Services4 = Open(specs.Services4, onMismatch);
            Backends4 = Open(specs.Backends4, onMismatch);
            ReverseNat4 = Open(specs.ReverseNat4, onMismatch);
            Affinity4 = Open(specs.Affinity4, PinMismatch.AdoptAnySize);
            ReverseSk4 = Open(specs.ReverseSk4, PinMismatch.AdoptAnySize);
            Services6 = Open(specs.Services6, onMismatch);
            Backends6 = Open(specs.Backends6, onMismatch);
            ReverseNat6 = Open(specs.ReverseNat6, onMismatch);
            Affinity6 = Open(specs.Affinity6, PinMismatch.AdoptAnySize);
            ReverseSk6 = Open(specs.ReverseSk6, PinMismatch.AdoptAnySize);
            AffinityMatch = Open(specs.AffinityMatch, onMismatch);
        }
        catch
        {
            Dispose();
            throw;
        }

        BpfMap<TKey, TValue> Open<TKey, TValue>(BpfMapSpec<TKey, TValue> spec, PinMismatch mismatch)
            where TKey : unmanaged
            where TValue : unmanaged
        {
            var map = BpfMap.OpenOrCreatePinned(spec, directory, mismatch, out var outcome);
            _open.Add(map);
            WasAdopted |= outcome != PinOutcome.Created;
            return map;
        }
    }

    /// <summary>Something was pinned already.</summary>
    public bool WasAdopted { get; private set; }

    /// <summary>IPv4 frontends and their slots.</summary>
    public BpfMap<Lb4Key, Lb4Service> Services4 { get; }

    /// <summary>IPv4 backends by id.</summary>
    public BpfMap<uint, Lb4Backend> Backends4 { get; }

    /// <summary>IPv4 frontends by service id.</summary>
    public BpfMap<ReverseNatKey, Lb4ReverseNat> ReverseNat4 { get; }

    /// <summary>The IPv4 backends that clients had last.</summary>
    public BpfMap<Lb4AffinityKey, LbAffinity> Affinity4 { get; }

    /// <summary>What the socket programs remember of IPv4 sockets.</summary>
    public BpfMap<Lb4ReverseSkKey, Lb4ReverseSk> ReverseSk4 { get; }

    /// <summary>IPv6 frontends and their slots.</summary>
    public BpfMap<Lb6Key, Lb4Service> Services6 { get; }

    /// <summary>IPv6 backends by id; ids are of one space with the IPv4 ones.</summary>
    public BpfMap<uint, Lb6Backend> Backends6 { get; }

    /// <summary>IPv6 frontends by service id; ids are of one space with the IPv4 ones.</summary>
    public BpfMap<ReverseNatKey, Lb6ReverseNat> ReverseNat6 { get; }

    /// <summary>The IPv6 backends that clients had last.</summary>
    public BpfMap<Lb6AffinityKey, LbAffinity> Affinity6 { get; }

    /// <summary>What the socket programs remember of IPv6 sockets.</summary>
    public BpfMap<Lb6ReverseSkKey, Lb6ReverseSk> ReverseSk6 { get; }

    /// <summary>Which backends take connections of which service with session affinity.</summary>
    public BpfMap<LbAffinityMatch, byte> AffinityMatch { get; }

    /// <summary>The maps that the socket programs refer to, by the names in their object.</summary>
    internal IReadOnlyDictionary<string, SafeBpfHandle> Handles => new Dictionary<string, SafeBpfHandle>
    {
        ["cilium_lb4_services_v2"] = Services4.Handle,
        ["cilium_lb4_backends_v3"] = Backends4.Handle,
        ["cilium_lb4_affinity"] = Affinity4.Handle,
        ["cilium_lb4_reverse_sk"] = ReverseSk4.Handle,
        ["cilium_lb6_services_v2"] = Services6.Handle,
        ["cilium_lb6_backends_v3"] = Backends6.Handle,
        ["cilium_lb6_affinity"] = Affinity6.Handle,
        ["cilium_lb6_reverse_sk"] = ReverseSk6.Handle,
        ["cilium_lb_affinity_match"] = AffinityMatch.Handle,
    };

    /// <inheritdoc/>
    public void Dispose() => _open.ForEach(map => map.Dispose());
}
