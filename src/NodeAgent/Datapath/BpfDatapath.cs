using KvStoreMesh.Bpf.Environment;
using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.IpCache;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.Bpf.PolicyEnforcement;
using KvStoreMesh.Bpf.SocketLb;
using KvStoreMesh.Bpf.Syscalls;
using KvStoreMesh.NodeAgent.Termination;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>
/// The kernel: Cilium's maps, pinned, and the socket programs attached to a cgroup. Closing it closes descriptors only;
/// pins and links stay, so that traffic goes on and the next agent adopts them.
/// </summary>
public sealed class BpfDatapath : IDatapath
{
    private readonly List<IDisposable> _open = [];
    private readonly LoadBalancerMapSet _maps;
    private readonly SocketLbOptions? _steering;

    private BpfDatapath(BpfDatapathOptions options, CiliumMaps specs)
    {
        var directory = CiliumMaps.PinDirectory(options.BpfFsRoot);
        Limits = options.Limits;
        try
        {
            _open.Add(Lock(options));
            _maps = Open(() => new LoadBalancerMapSet(specs, options.BpfFsRoot, PinMismatch.Resize), options);
            var ipCache = Open(() => BpfMap.OpenOrCreatePinned(specs.IpCache, directory, PinMismatch.Resize, out _), options);
            LoadBalancerReading.PurgeDoubleIds(_maps);
            LoadBalancer = new BpfLoadBalancerMaps(_maps);
            Sockets = new BpfTranslatedSockets(_maps);
            Purge(ipCache);
            IpCache = new BpfIpCacheMap(ipCache);
            Description = $"bpf: maps {(_maps.WasAdopted ? "adopted" : "created")} in {directory}";
            if (options.EnforcesPolicy)
            {
                var policy = new BpfPolicyDatapath(options, specs, ipCache);
                _open.Add(policy);
                Policy = policy;
            }

            if (options.CgroupPath is { } cgroup)
            {
                _steering = options.SocketLb(cgroup);
                var links = SocketLoadBalancer.Attach(_steering, _maps);
                Description += $", {links.Count} socket programs on {cgroup}";
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public string Description { get; }

    /// <inheritdoc />
    public ILoadBalancerMaps LoadBalancer { get; }

    /// <inheritdoc />
    public IIpCacheMap IpCache { get; }

    /// <inheritdoc />
    public IPolicyDatapath? Policy { get; }

    /// <inheritdoc />
    public ITranslatedSockets? Sockets { get; }

    /// <inheritdoc />
    public DatapathLimits Limits { get; }

    /// <summary>
    /// Adopts what is pinned or creates it, then attaches the programs. A pinned map of another size is replaced by one that
    /// holds the same entries; the programs that use the old one go on until they are swapped. One of another shape is left alone.
    /// </summary>
    /// <exception cref="IOException">
    /// The kernel refused, a pinned map has another shape, or another agent has these maps. One line with the way out.
    /// </exception>
    public static BpfDatapath Open(BpfDatapathOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new BpfDatapath(options, options.Maps());
    }

    /// <inheritdoc />
    /// <remarks>A cgroup that is removed takes its links along; one that is made again under the same name has none.</remarks>
    public string? Maintain()
    {
        try
        {
            if (_steering is not null && !SocketLoadBalancer.IsAttached(_steering))
            {
                SocketLoadBalancer.Attach(_steering, _maps);
            }

            return null;
        }
        catch (BpfException failure)
        {
            return $"nothing is steered: {failure.Message}";
        }
    }

    /// <inheritdoc />
    public void Dispose() => _open.ForEach(open => open.Dispose());

    /// <summary>Detaches the programs and removes the pins: traffic to services stops being steered.</summary>
    /// <returns>What was removed, one line each.</returns>
    /// <exception cref="IOException">The kernel refused, or an agent has these maps: it would go on believing that it steers.</exception>
    public static IReadOnlyList<string> Cleanup(BpfDatapathOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<string> removed = [];
        RefuseNothing(options);
        using var held = Lock(options);

        // The programs first: they would lead connections by maps that nobody keeps any more.
        SocketLoadBalancer.Detach(options.SocketLb(options.CgroupPath ?? string.Empty));
        removed.Add("socket programs detached");
        var pins = options.EndpointPins();
        foreach (var (number, owner) in pins.Owners())
        {
            EndpointPrograms.Detach(pins, number);
            removed.Add($"policy of endpoint {owner} detached");
        }

        var directory = CiliumMaps.PinDirectory(options.BpfFsRoot);
        var specs = options.Maps();
        foreach (var name in (string[])[.. specs.Names, .. specs.PolicyNames, .. PinnedMaps.PolicyMaps(options).Select(map => Path.GetFileName(map))])
        {
            var path = Path.Combine(directory, name);
            if (File.Exists(path))
            {
                File.Delete(path);
                removed.Add($"{path} removed");
            }
        }

        Directory.Delete(PinLock.PathOf(options.BpfFsRoot, options.MapPrefix));
        return removed;
    }

    /// <summary>A mistyped prefix is no success: what was meant goes on steering.</summary>
    private static void RefuseNothing(BpfDatapathOptions options)
    {
        const string Known = "cilium_lb4_services_v2";
        var directory = CiliumMaps.PinDirectory(options.BpfFsRoot);
        if (options.Maps().Names.Any(name => File.Exists(Path.Combine(directory, name))) || SocketLoadBalancer.IsPinned(options.SocketLb(string.Empty)))
        {
            return;
        }

        var others = Directory.Exists(directory)
            ? Directory.EnumerateFiles(directory, "*" + Known).Select(path => $"'{Path.GetFileName(path)[..^Known.Length]}'").Order(StringComparer.Ordinal).ToList()
            : [];
        throw new IOException(
            $"nothing is pinned in {directory} with the prefix '{options.MapPrefix}'; "
            + (others.Count == 0 ? "nor with any other" : $"there is something with {string.Join(", ", others)}: give --bpf-map-prefix"));
    }

    /// <summary>Two writers of the same maps would undo each other's work, each sure that nobody else writes.</summary>
    private static PinLock Lock(BpfDatapathOptions options) =>
        PinLock.TryAcquire(PinLock.PathOf(options.BpfFsRoot, options.MapPrefix))
        ?? throw new IOException(
            $"a node-agent already keeps the maps in {CiliumMaps.PinDirectory(options.BpfFsRoot)} with the prefix '{options.MapPrefix}'; "
            + "stop it first, or give another --bpf-map-prefix");

    /// <summary>Rows that no prefix stands for cannot be reconciled, and they may hide one that does.</summary>
    private static void Purge(BpfMap<IpCacheKey, RemoteEndpointInfo> map)
    {
        IpCacheKey[] malformed = [.. map.Entries().Select(row => row.Key).Where(key => !BpfLayouts.IsPrefix(key))];
        map.DeleteBatch(malformed);
    }

    private T Open<T>(Func<T> open, BpfDatapathOptions options)
        where T : IDisposable
    {
        try
        {
            var opened = open();
            _open.Add(opened);
            return opened;
        }
        catch (BpfMapMismatchException mismatch)
        {
            throw new IOException(
                $"{mismatch.Message}; another version made it: give another --bpf-map-prefix, or remove it: " +
                $"node-agent cleanup{(options.MapPrefix.Length == 0 ? string.Empty : $" --bpf-map-prefix {options.MapPrefix}")}",
                mismatch);
        }
    }
}
