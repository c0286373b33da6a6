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
    private readonly Dictionary<ServiceFrontend, IReadOnlyList<L3n4Addr>> _wanted = [];
    private readonly Dictionary<ServiceFrontend, HashSet<L3n4Addr>> _retained = [];
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
    public void Want(L3n4Addr address, IReadOnlyList<L3n4Addr>? backends)
    {
        var frontend = new ServiceFrontend(address);
        if (backends is null)
        {
            if (_wanted.Remove(frontend))
            {
                _retained.Remove(frontend);
            }
        }
        else
        {
            _wanted[frontend] = backends;
            if (_retained.TryGetValue(frontend, out var retained))
            {
                retained.ExceptWith(backends);
            }
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
        HashSet<uint> candidates = [];
        foreach (var frontend in frontends)
        {
            candidates.UnionWith(Known.SlotsOf(frontend) is { } slots ? BackendIdsOf(slots) : []);
        }

        var error = WriteAll(frontends);
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

    private IEnumerable<L3n4Addr> BackendsOf(SortedList<ushort, ServiceSlot> slots) =>
        BackendIdsOf(slots).Where(Known.Backends.ContainsKey).Select(id => Known.Backends[id].Address);

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
        if (!_wanted.TryGetValue(frontend, out var backends))
        {
            if (retained is null)
            {
                plan.Remove(Known, frontend, _serviceIds.Find(frontend));
            }

            return null;
        }

        if (retained is { Count: > 0 })
        {
            backends = [.. backends.Union(retained).Order()];
        }

        if (backends.Count > ushort.MaxValue)
        {
            return $"{backends.Count} backends do not fit into {ushort.MaxValue} slots";
        }

        var id = _serviceIds.GetOrAllocate(frontend);
        if (id == 0)
        {
            return $"all {ushort.MaxValue} service ids are in use";
        }

        plan.Update(
            Known, new(frontend, id, [.. backends.Select(address => KeyValuePair.Create(_backendIds.GetOrAllocate(address), address))]));
        return null;
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
            operations.AddRange(
                Known.ReverseNat.Keys.Where(id => !_serviceIds.IsTaken(id)).Select(LoadBalancerOperation.DeleteReverseNat));
            _sweepsAll = false;
        }

        operations.AddRange(LoadBalancerPlan.SweepBackends(Known, candidates));
        var addresses = operations.ConvertAll(operation => Known.Backends.GetValueOrDefault(operation.Id).Address);
        var error = Execute(operations);
        for (var i = 0; i < operations.Count; i++)
        {
            if (operations[i].Kind == LoadBalancerOperationKind.DeleteBackend && !Known.Backends.ContainsKey(operations[i].Id))
            {
                _backendIds.Release(operations[i].Id, addresses[i]);
            }
        }

        _sweepsAll |= error is not null;
        return error;
    }

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
