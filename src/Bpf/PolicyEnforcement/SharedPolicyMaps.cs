using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.PolicyEnforcement;

/// <summary>The pinned maps that the programs of all endpoints share. Disposing closes descriptors; the pins stay.</summary>
public sealed class SharedPolicyMaps : IDisposable
{
    private SharedPolicyMaps(BpfMap<MetricsKey, MetricsValue> metrics, BpfMap<ConntrackKey, ConntrackEntry> conntrack, DropRing drops) =>
        (Metrics, Conntrack, Drops) = (metrics, conntrack, drops);

    /// <summary>The ring in which the programs report what they drop.</summary>
    public DropRing Drops { get; }

    internal BpfMap<MetricsKey, MetricsValue> Metrics { get; }

    internal BpfMap<ConntrackKey, ConntrackEntry> Conntrack { get; }

    /// <summary>
    /// Adopts or makes the maps. One of another size is replaced: flows are remembered anew by their next packet, and counts begin at 0.
    /// </summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static SharedPolicyMaps Open(CiliumMaps specs, string directory)
    {
        BpfMap<MetricsKey, MetricsValue> metrics = BpfMap.OpenOrCreatePinned(specs.Metrics, directory, PinMismatch.Replace, out _);
        BpfMap<ConntrackKey, ConntrackEntry>? conntrack = null;
        try
        {
            conntrack = BpfMap.OpenOrCreatePinned(specs.Conntrack, directory, PinMismatch.Replace, out _);
            return new(metrics, conntrack, DropRing.OpenOrCreatePinned(Path.Combine(directory, specs.DropRingName), specs.DropRingBytes));
        }
        catch
        {
            conntrack?.Dispose();
            metrics.Dispose();
            throw;
        }
    }

    /// <summary>What the programs have counted since the maps were made, over all processors.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public IReadOnlyDictionary<MetricsKey, MetricsValue> ReadMetrics()
    {
        Dictionary<MetricsKey, MetricsValue> sums = [];
        foreach ((MetricsKey key, MetricsValue[] values) in PerCpuMap.Entries(Metrics))
        {
            sums[key] = values.Aggregate((a, b) => new(a.Packets + b.Packets, a.Bytes + b.Bytes));
        }

        return sums;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Drops.Dispose();
        Conntrack.Dispose();
        Metrics.Dispose();
    }
}
