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
internal sealed class SinkCluster(ClusterName name, LeaseBook leases, Func<byte[]> canaryValue)
{
    private readonly Dictionary<MeshKey, SinkEntry> _data = [];
    private readonly Dictionary<ResourceKind, CanaryGate> _gates = [];
    private readonly Queue<SinkEntry> _urgent = [];
    private readonly Queue<SinkEntry> _background = [];
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

    /// <summary>What the store was found to hold so far, while it is being listed.</summary>
    public StoreListing? Listing { get; private set; }

    public ClusterDrain? Drain { get; private set; }

    /// <summary>The drain's step is at the store.</summary>
    public bool IsDrainStepRunning { get; set; }

    public string? ConfigProblem { get; private set; }

    public SinkEntry Config => _config ??= new SinkEntry(this, MeshKey.ClusterConfig);

    public int Keys => _data.Count;

    public int Pending => _urgent.Count + _background.Count + (Config.Desired is not null && !Config.IsSettled ? 1 : 0);

    public int CanariesWritten => Gates.Count(gate => gate.Canary is { Desired: not null, IsSettled: true });

    /// <summary>Config and all canaries stand: the mirror has been complete once.</summary>
    public bool IsComplete => Phase == SinkClusterPhase.Mirroring && Gates.All(gate => gate is { IsSynced: true, Canary: { Desired: not null, Written: not null } });

    /// <summary>There is something to write now.</summary>
    public bool HasWork => Phase == SinkClusterPhase.Mirroring && Config is { Desired: not null, InFlight: false, IsParked: false }
        && (!Config.IsSettled || _urgent.Count > 0 || _background.Count > 0);

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

        return TryPeek(_urgent, SinkQueue.Urgent, out entry) || TryPeek(_background, SinkQueue.Background, out entry);
    }

    /// <summary>Takes the entry that was peeked.</summary>
    public SinkWrite Take(SinkEntry entry)
    {
        if (entry.Queue != SinkQueue.None)
        {
            (entry.Queue == SinkQueue.Urgent ? _urgent : _background).Dequeue();
            entry.Queue = SinkQueue.None;
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

    /// <summary>The write failed.</summary>
    /// <param name="write">The write.</param>
    /// <param name="applied">It may have taken effect.</param>
    public void Fail(SinkWrite write, bool applied)
    {
        var entry = Land(write);
        entry.IsUncertain |= applied;
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

        if (entry.IsCanary && Gate(entry.Key.Kind).IsClosed)
        {
            return;
        }

        var queue = entry.HoldsTarget && !entry.IsUncertain ? SinkQueue.Background : SinkQueue.Urgent;
        if (entry.Queue < queue)
        {
            entry.Queue = queue;
            (queue == SinkQueue.Urgent ? _urgent : _background).Enqueue(entry);
        }
    }

    /// <summary>What the store holds is not known any more. Nothing may be under way.</summary>
    public void Forget()
    {
        if (Phase != SinkClusterPhase.Draining)
        {
            Phase = SinkClusterPhase.Unlisted;
            Listing = null;
            ClearQueues();
        }
    }

    /// <summary>Forgets also that writes were under way: for an owner that failed in between.</summary>
    public void Recover()
    {
        foreach (var entry in Entries)
        {
            entry.InFlight = false;
            entry.IsParked = false;
            entry.IsUncertain = true;
        }

        InFlight = 0;
        IsOnRing = false;
        IsDrainStepRunning = false;
        Forget();
    }

    public void BeginListing(StoreListing listing)
    {
        Phase = SinkClusterPhase.Listing;
        Listing = listing;
    }

    /// <summary>Compares with what the store holds and queues the differences.</summary>
    public void EndListing()
    {
        var listing = Listing!;
        Listing = null;
        Phase = SinkClusterPhase.Mirroring;
        foreach (var entry in Entries)
        {
            Compare(entry, listing.Take(entry));
        }

        foreach (var (key, found) in listing.Unclaimed)
        {
            var provisional = !Gate(key.Kind).IsSynced;
            var entry = new SinkEntry(this, key)
            {
                Written = found.Value,
                Desired = provisional ? found.Value : null,
                IsProvisional = provisional,
            };
            _data.Add(key, entry);
        }

        foreach (var entry in _data.Values.ToList())
        {
            Touch(entry);
        }

        foreach (var gate in Gates.Where(gate => gate.IsSynced || gate.Canary.Desired is not null))
        {
            CallCanary(gate);
        }
    }

    public void BeginDraining(TimeSpan grace, TimeSpan now)
    {
        Phase = SinkClusterPhase.Draining;
        Listing = null;
        ClearQueues();
        Drain = new ClusterDrain(name, grace, now);
    }

    /// <summary>It is no longer mirrored: whatever the store holds of it is not ours any more.</summary>
    public void Retire()
    {
        Phase = SinkClusterPhase.Draining;
        Listing = null;
        ClearQueues();
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

    private bool TryPeek(Queue<SinkEntry> queue, SinkQueue kind, [NotNullWhen(true)] out SinkEntry? entry)
    {
        while (queue.TryPeek(out entry))
        {
            if (entry.Queue == kind && !entry.InFlight && !entry.IsSettled && !(entry.IsCanary && Gate(entry.Key.Kind).IsClosed))
            {
                return true;
            }

            queue.Dequeue();
            if (entry.Queue == kind)
            {
                entry.Queue = SinkQueue.None;
                Touch(entry);
            }
        }

        return false;
    }

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

    private void Compare(SinkEntry entry, StoreEntry? found)
    {
        entry.IsUncertain = false;
        // Equal bytes are kept once: the array that the cache also has.
        entry.Written = SinkEntry.SameBytes(entry.Desired, found?.Value) ? entry.Desired : found?.Value;
        if (entry.Lease is not null && entry.Lease.Id != found?.Lease)
        {
            leases.Release(entry);
        }

        if (!entry.IsData && entry.Desired is null && found is not null)
        {
            entry.Desired = found.Value.Value;
            entry.IsProvisional = true;
        }
    }

    private void ClearQueues()
    {
        foreach (var entry in _urgent.Concat(_background))
        {
            entry.Queue = SinkQueue.None;
        }

        _urgent.Clear();
        _background.Clear();
    }
}
