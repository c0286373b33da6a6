using System.Diagnostics.CodeAnalysis;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// The mirror of one cluster: what it should be, what the store holds, and the differences in the order in which they may
/// be written: the config, then data, and each canary after the data it speaks for.
/// </summary>
/// <param name="name">The cluster.</param>
/// <param name="leases">Gives slots back when keys are gone.</param>
/// <param name="canaryValue">The value of a canary written now.</param>
internal sealed partial class SinkCluster(ClusterName name, LeaseBook leases, Func<byte[]> canaryValue)
{
    private readonly Dictionary<MeshKey, SinkEntry> _data = [];
    private readonly Dictionary<ResourceKind, CanaryGate> _gates = [];
    private readonly SinkQueues _queues = new();
    private SinkEntry? _config;

    public ClusterName Name => name;

    public SinkClusterPhase Phase { get; private set; }

    public int InFlight { get; private set; }

    /// <summary>The cache's time to live has run out: no services until the source is back.</summary>
    public bool IsRevoked { get; private set; }

    /// <summary>It is on the dispatcher's ring.</summary>
    public bool IsOnRing { get; set; }

    /// <summary>Its incarnation after the removal that is under way.</summary>
    public SinkCluster? Successor { get; set; }

    public ClusterDrain? Drain { get; private set; }

    /// <summary>The drain's step is at the store.</summary>
    public bool IsDrainStepRunning { get; set; }

    public string? ConfigProblem { get; private set; }

    public SinkEntry Config => _config ??= new SinkEntry(this, MeshKey.ClusterConfig);

    public int Keys => _data.Count;

    public int Pending => _queues.Count + (Config.Desired is not null && !Config.IsSettled ? 1 : 0);

    public int CanariesWritten => Gates.Count(gate => gate.Canary is { Desired: not null, IsSettled: true });

    /// <summary>Config and all canaries stand: the mirror has been complete once.</summary>
    public bool IsComplete => Phase == SinkClusterPhase.Mirroring && Gates.All(gate => gate is { IsSynced: true, Canary: { Desired: not null, Written: not null } });

    /// <summary>There is something to write now.</summary>
    public bool HasWork => Phase == SinkClusterPhase.Mirroring && Config is { Desired: not null, InFlight: false, IsParked: false }
        && (!Config.IsSettled || _queues.Count > 0);

    public IEnumerable<SinkEntry> Entries => [Config, .. Gates.Select(gate => gate.Canary), .. _data.Values];

    private IEnumerable<CanaryGate> Gates => SinkKeys.Resources.Select(Gate);

    /// <summary>The source says what a key is; null = it is gone.</summary>
    public void Set(MeshKey key, byte[]? value)
    {
        if (key.Kind == ResourceKind.ClusterConfig)
        {
            SetConfig(value);
        }
        else if (_data.TryGetValue(key, out var entry))
        {
            entry.IsProvisional = false;
            if (!SinkEntry.SameBytes(entry.Desired, value))
            {
                entry.Desired = value;
                Changed(entry);
            }
        }
        else if (value is not null)
        {
            _data.Add(key, entry = new SinkEntry(this, key) { Desired = value });
            Changed(entry);
        }
    }

    /// <summary>The source has told every key of the resource: what was only found in the store is none of them.</summary>
    public void MarkSynced(ResourceKind kind)
    {
        if (kind == ResourceKind.ClusterConfig)
        {
            return;
        }

        var gate = Gate(kind);
        gate.IsSynced = true;
        foreach (var entry in _data.Values.Where(entry => entry.IsProvisional && entry.Key.Kind == kind).ToList())
        {
            entry.IsProvisional = false;
            entry.Desired = null;
            Changed(entry);
        }

        CallCanary(gate);
    }

    public void Revoke(bool revoked)
    {
        if (IsRevoked == revoked)
        {
            return;
        }

        IsRevoked = revoked;
        foreach (var entry in _data.Values.Where(entry => SinkKeys.IsRevocable(entry.Key.Kind)).ToList())
        {
            Changed(entry);
        }
    }

    /// <summary>The next entry to write, without taking it.</summary>
    public bool TryPeek([NotNullWhen(true)] out SinkEntry? entry)
    {
        entry = null;
        if (!HasWork)
        {
            return false;
        }

        if (!Config.IsSettled)
        {
            entry = Config;
            return true;
        }

        while (_queues.TryPeek(out entry))
        {
            if (!entry.IsSettled && !IsHeldBack(entry))
            {
                return true;
            }

            _queues.Remove(entry);
            Touch(entry);
        }

        return false;
    }

    /// <summary>Takes the entry that was peeked.</summary>
    public SinkWrite Take(SinkEntry entry)
    {
        if (entry.Queue != SinkQueue.None)
        {
            _queues.Remove(entry);
        }

        entry.InFlight = true;
        InFlight++;
        var target = entry.Target;
        return new SinkWrite(entry, entry.Version, target, target is null ? null : entry.Lease);
    }

    /// <summary>The write is in the store.</summary>
    public void Acknowledge(SinkWrite write)
    {
        var entry = Land(write);
        entry.IsAlone = false;
        entry.Written = write.Value;
        // The lease may have ended since: then the key went with it.
        entry.IsUncertain = write.Value is not null && write.Lease!.IsLost;
        if (write.Value is null)
        {
            leases.Release(entry);
        }

        if (!entry.IsUncertain)
        {
            Pass(entry, write.Version);
        }

        Touch(entry);
    }

    /// <summary>
    /// The write failed. Even if it certainly had no effect, the key is not attached to the lease that has a slot for it.
    /// </summary>
    public void Fail(SinkWrite write)
    {
        var entry = Land(write);
        entry.IsUncertain = true;
        Touch(entry);
    }

    /// <summary>The entry's lease is gone, and perhaps the key with it.</summary>
    public void LoseLease(SinkEntry entry)
    {
        entry.IsUncertain = true;
        if (entry.IsCanary)
        {
            CallCanary(Gate(entry.Key.Kind));
        }
        else
        {
            Touch(entry);
        }
    }

    /// <summary>Queues the entry if the store does not hold what it should.</summary>
    public void Touch(SinkEntry entry)
    {
        if (Phase != SinkClusterPhase.Mirroring || entry == _config || entry.InFlight || entry.IsParked)
        {
            return;
        }

        if (entry.IsSettled)
        {
            Settled(entry);
            return;
        }

        if (!IsHeldBack(entry))
        {
            _queues.Add(entry);
        }
    }

    public void BeginDraining(TimeSpan grace, TimeSpan now)
    {
        Phase = SinkClusterPhase.Draining;
        Listing = null;
        _queues.Clear();
        Drain = new ClusterDrain(name, grace, now);
    }

    /// <summary>It is no longer mirrored: whatever the store holds of it is not ours any more.</summary>
    public void Retire()
    {
        Phase = SinkClusterPhase.Draining;
        Listing = null;
        _queues.Clear();
        foreach (var entry in Entries)
        {
            leases.Release(entry);
        }
    }

    private void SetConfig(byte[]? value)
    {
        // A source without a config keeps the one it had: only a removal by the operator takes it away.
        if (value is null)
        {
            return;
        }

        if (!CiliumClusterConfig.TryParse(value, out var config, out var error))
        {
            ConfigProblem = $"the config of cluster {name} cannot be copied: {error}";
            return;
        }

        ConfigProblem = null;
        var copy = CachedClusterConfig.Write(config);
        if (!SinkEntry.SameBytes(Config.Desired, copy))
        {
            Config.Desired = copy;
            Config.Version++;
        }

        Config.IsProvisional = false;
        // What the source does not offer is complete as it is: agents wait for its canary all the same.
        foreach (var kind in SinkKeys.Resources.Except(new SourceLayout(name, config.Capabilities).Resources))
        {
            MarkSynced(kind);
        }
    }

    private CanaryGate Gate(ResourceKind kind)
    {
        if (!_gates.TryGetValue(kind, out var gate))
        {
            _gates.Add(kind, gate = new CanaryGate(this, kind));
        }

        return gate;
    }

    private void CallCanary(CanaryGate gate)
    {
        if (Phase == SinkClusterPhase.Mirroring && !(gate.Canary is { Desired: not null, IsSettled: true }) && gate.Call(_data.Values))
        {
            WriteCanary(gate);
        }
    }

    private void WriteCanary(CanaryGate gate)
    {
        gate.Canary.Desired ??= canaryValue();
        Touch(gate.Canary);
    }

    private void Changed(SinkEntry entry)
    {
        entry.Version++;
        Touch(entry);
    }

    private SinkEntry Land(SinkWrite write)
    {
        InFlight--;
        write.Entry.InFlight = false;
        return write.Entry;
    }

    private bool IsHeldBack(SinkEntry entry) => entry.IsCanary && Gate(entry.Key.Kind).IsClosed;

    // Also when what it should be changed back before it was written: that satisfies whoever waits for it.
    private void Settled(SinkEntry entry)
    {
        Pass(entry, entry.Version);
        if (entry is { IsData: true, Desired: null, Written: null, Queue: SinkQueue.None })
        {
            leases.Release(entry);
            _data.Remove(entry.Key);
        }
    }

    private void Pass(SinkEntry entry, int version)
    {
        if (entry.IsData && Gate(entry.Key.Kind) is var gate && gate.Pass(entry, version))
        {
            WriteCanary(gate);
        }
    }
}
