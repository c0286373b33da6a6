using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>
/// Brings the load-balancing maps to what is wanted, and keeps the ids of what they already hold.
/// </summary>
/// <remarks>
/// What the maps hold at the start is adopted. A frontend or backend found there that no record has named yet is
/// <i>retained</i>: it stays beside what is wanted until <see cref="ReleaseRetained"/> says that every record has been seen,
/// because after a restart the records of one cluster come before those of another. Once a record names it, its
/// further life follows the records. Not thread-safe: owned by the apply loop.
/// </remarks>
public sealed class LoadBalancerReconciler
{
    private readonly ILoadBalancerMaps _maps;
    private readonly ServiceIds _serviceIds = new();
    private readonly BackendIds _backendIds = new();
    private readonly BackendUses _uses = new();
    private readonly Dictionary<ServiceFrontend, MergedFrontend> _wanted = [];
    private readonly Dictionary<ServiceFrontend, HashSet<SelectedBackend>> _retained = [];

    // Backends that some frontend no longer wants: they go, or another's view of them counts.
    private readonly HashSet<L3n4Addr> _left = [];
    private readonly HashSet<ServiceFrontend> _dirty = [];
    private readonly HashSet<ServiceFrontend> _failed = [];
    private bool _isReleased;
    private bool _sweepsAll;

    /// <summary>Creates the reconciler and adopts what the maps hold.</summary>
    public LoadBalancerReconciler(ILoadBalancerMaps maps)
    {
        ArgumentNullException.ThrowIfNull(maps);
        _maps = maps;
        Known = Read();
        foreach (var (frontend, slots) in Known.Services)
        {
            _retained.Add(frontend, [.. BackendsOf(slots)]);
        }

        _isReleased = Known.Services.Count == 0 && Known.Backends.Count == 0;
    }

    /// <summary>What the maps hold.</summary>
    public LoadBalancerContents Known { get; private set; }

    /// <summary>Frontends adopted from the maps that no record has named yet.</summary>
    public int RetainedFrontends => _retained.Keys.Count(frontend => !_wanted.ContainsKey(frontend));

    /// <summary>Frontends whose entries are not as wanted yet.</summary>
    public int Pending => _dirty.Count + _failed.Count;

    /// <summary>The id of a frontend; 0 if it has none.</summary>
    public ushort ServiceIdOf(L3n4Addr frontend) => _serviceIds.Find(new ServiceFrontend(frontend));

    /// <summary>Says what a frontend should lead to; null: it should not exist. Takes effect with <see cref="Flush"/>.</summary>
    public void Want(L3n4Addr address, MergedFrontend? merged)
    {
        var frontend = new ServiceFrontend(address);
        _uses.Add(merged?.Backends ?? []);
        if (_wanted.Remove(frontend, out var before))
        {
            _uses.Remove(before.Backends);
            _left.UnionWith(before.Backends.Select(backend => backend.Address));
        }

        if (merged is not null)
        {
            _wanted.Add(frontend, merged);
            var named = merged.Backends.Select(backend => backend.Address).ToHashSet();
            _retained.GetValueOrDefault(frontend)?.RemoveWhere(backend => named.Contains(backend.Address));
        }
        else if (before is not null)
        {
            _retained.Remove(frontend);
        }

        _dirty.Add(frontend);
    }

    /// <summary>
    /// Gives up what was adopted and never named by a record.
    /// </summary>
    /// <param name="frontendsOnly">
    /// Only frontends: their owner, the local cluster, has told all it has. Which cluster a backend came from is not
    /// in the maps, so backends stay until every cluster has.
    /// </param>
    public void ReleaseRetained(bool frontendsOnly)
    {
        if (frontendsOnly)
        {
            foreach (var frontend in _retained.Keys.Where(frontend => !_wanted.ContainsKey(frontend)).ToList())
            {
                _retained.Remove(frontend);
                _dirty.Add(frontend);
            }

            return;
        }

        _retained.Clear();
        _isReleased = _sweepsAll = true;
        MarkAll();
    }

    /// <summary>Writes what changed; returns null, or what failed. What failed waits for a change of its own or <see cref="Reread"/>.</summary>
    public string? Flush()
    {
        if (_dirty.Count == 0 && !_sweepsAll)
        {
            return null;
        }

        ServiceFrontend[] frontends = [.. _dirty.Order()];
        _dirty.Clear();
        _failed.ExceptWith(frontends);
        HashSet<uint> candidates = [.. _left.Select(_backendIds.Find)];
        foreach (var frontend in frontends)
        {
            candidates.UnionWith(Known.SlotsOf(frontend) is { } slots ? BackendIdsOf(slots) : []);
        }

        var error = WriteAll(frontends);
        _left.Clear();
        return Sweep(candidates) is { } sweepError ? error ?? sweepError : error;
    }

    /// <summary>Reads the maps again and repairs whatever differs, whoever changed it.</summary>
    public string? Reread()
    {
        Known = Read();
        _sweepsAll = _isReleased;
        MarkAll();
        return Flush();
    }

    private static IEnumerable<uint> BackendIdsOf(SortedList<ushort, ServiceSlot> slots) =>
        slots.Where(slot => slot.Key > 0).Select(slot => slot.Value.BackendId);

    private IEnumerable<SelectedBackend> BackendsOf(SortedList<ushort, ServiceSlot> slots) =>
        BackendIdsOf(slots).Where(Known.Backends.ContainsKey)
            .Select(id => new SelectedBackend(Known.Backends[id].Address, Known.Backends[id].Standing))
            .DistinctBy(backend => backend.Address);

    private LoadBalancerContents Read()
    {
        var contents = _maps.Read();
        _serviceIds.Restore(contents);
        _backendIds.Restore(contents);
        return contents;
    }

    private void MarkAll()
    {
        _dirty.UnionWith(Known.Services.Keys);
        _dirty.UnionWith(_wanted.Keys);
    }

    /// <summary>All frontends at once, in few large batches; if a write fails, one by one, so that one does not hold back the others.</summary>
    private string? WriteAll(ServiceFrontend[] frontends)
    {
        var plan = new LoadBalancerPlan();
        foreach (var address in _left)
        {
            if (_uses.StateOf(address) is { } state && _backendIds.Find(address) is > 0 and var id)
            {
                plan.Put(Known, id, BackendEntry.Of(address, state));
            }
        }

        var error = Array.Find(Array.ConvertAll(frontends, frontend => AddTo(plan, frontend)), text => text is not null);
        if (error is null && Execute(plan.Operations) is null)
        {
            ReleaseServiceIds(frontends);
            return null;
        }

        error = null;
        foreach (var frontend in frontends)
        {
            var single = new LoadBalancerPlan();
            if ((AddTo(single, frontend) ?? Execute(single.Operations)) is { } failure)
            {
                _failed.Add(frontend);
                error ??= $"service {frontend}: {failure}";
            }
        }

        ReleaseServiceIds(frontends);
        return error is null ? null : $"{error} ({_failed.Count} services are not as they should be)";
    }

    private string? AddTo(LoadBalancerPlan plan, ServiceFrontend frontend)
    {
        var retained = _retained.GetValueOrDefault(frontend);
        if (!_wanted.TryGetValue(frontend, out var merged))
        {
            if (retained is null)
            {
                plan.Remove(Known, frontend, _serviceIds.Find(frontend));
            }

            return null;
        }

        var backends = retained is { Count: > 0 } ? [.. merged.Backends.Concat(retained).Order()] : merged.Backends;
        if (backends.Count > ushort.MaxValue)
        {
            return $"{backends.Count} backends do not fit into {ushort.MaxValue} slots";
        }

        var id = _serviceIds.GetOrAllocate(frontend);
        if (id == 0)
        {
            return $"all {ushort.MaxValue} service ids are in use";
        }

        plan.Update(Known, new(
            frontend,
            id,
            [.. backends.Select(Entry)],
            MergedFrontend.EligibleOf(backends),
            backends.Count(backend => backend.State != BackendState.Maintenance),
            merged.AffinitySeconds));
        return null;
    }

    private KeyValuePair<uint, BackendEntry> Entry(SelectedBackend backend)
    {
        var id = _backendIds.GetOrAllocate(backend.Address);
        var entry = BackendEntry.Of(backend.Address, _uses.StateOf(backend.Address) ?? backend.State);

        // While adopted frontends have not been named yet, one of them may see the backend in the better state it has in the map.
        return KeyValuePair.Create(
            id, !_isReleased && Known.Backends.TryGetValue(id, out var held) && held.State < entry.State ? entry with { State = held.State } : entry);
    }

    private void ReleaseServiceIds(ServiceFrontend[] frontends)
    {
        foreach (var frontend in frontends)
        {
            if (!_wanted.ContainsKey(frontend) && Known.SlotsOf(frontend) is null && !_failed.Contains(frontend))
            {
                _serviceIds.Release(frontend);
            }
        }
    }

    /// <summary>Deletes what no service leads to any more; after the start only what this flush has orphaned.</summary>
    private string? Sweep(HashSet<uint> candidates)
    {
        List<LoadBalancerOperation> operations = [];
        if (_sweepsAll)
        {
            candidates.UnionWith(Known.Backends.Keys);
            operations.AddRange(Known.ReverseNat.Where(entry => !_serviceIds.IsTaken(entry.Key))
                .Select(entry => LoadBalancerOperation.DeleteReverseNat(entry.Key, entry.Value)));
            operations.AddRange(Known.AffinityMatches.Where(matches => !_serviceIds.IsTaken(matches.Key)).SelectMany(
                matches => matches.Value.Select(id => LoadBalancerOperation.DeleteAffinityMatch(new(id, matches.Key)))));
            _sweepsAll = false;
        }

        operations.AddRange(candidates.Where(IsOrphan).Select(id => LoadBalancerOperation.DeleteBackend(id, Known.Backends[id].Address)));
        var error = Execute(operations);
        for (var i = 0; i < operations.Count; i++)
        {
            if (operations[i].Kind == LoadBalancerOperationKind.DeleteBackend && !Known.Backends.ContainsKey(operations[i].Id))
            {
                _backendIds.Release(operations[i].Id, operations[i].Backend.Address);
            }
        }

        _sweepsAll |= error is not null;
        return error;
    }

    /// <summary>No slot leads to it, and nobody wants it in maintenance, where it has none; or it is a second entry of its address.</summary>
    private bool IsOrphan(uint id) =>
        Known.Backends.TryGetValue(id, out var backend) && Known.ReferencesTo(id) == 0
        && !(_uses.Contains(backend.Address) && _backendIds.Find(backend.Address) == id);

    private string? Execute(IReadOnlyList<LoadBalancerOperation> operations)
    {
        if (operations.Count == 0)
        {
            return null;
        }

        var result = _maps.Write(operations);
        for (var i = 0; i < result.Applied; i++)
        {
            Known.Apply(operations[i]);
        }

        return result.Error;
    }
}
