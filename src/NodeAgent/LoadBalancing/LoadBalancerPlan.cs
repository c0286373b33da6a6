using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>
/// The writes that lead from what the maps hold to what they should hold, in the order in which no lookup ever fails.
/// </summary>
/// <remarks>
/// A program that looks a service up reads the master, then one of its slots, then the slot's backend, while writes go
/// on. So a backend is there before a slot leads to it, a slot before the count covers it, and things go in the reverse
/// order (Cilium up to 1.17: pkg/service, pkg/maps/lbmap). A frontend goes master first, which hides the rest at once.
/// Backends are swept after all frontends, since frontends share them. The phases of many frontends may be written
/// phase by phase, which makes large batches; the order within each frontend stays the same. Pure.
/// </remarks>
public sealed class LoadBalancerPlan
{
    private readonly List<LoadBalancerOperation> _backends = [];
    private readonly List<LoadBalancerOperation> _slots = [];
    private readonly List<LoadBalancerOperation> _reverseNat = [];
    private readonly List<LoadBalancerOperation> _masters = [];
    private readonly List<LoadBalancerOperation> _trailing = [];
    private readonly List<LoadBalancerOperation> _removals = [];
    private readonly HashSet<uint> _planned = [];

    /// <summary>Every write in order.</summary>
    public IReadOnlyList<LoadBalancerOperation> Operations =>
        [.. _removals, .. _backends, .. _slots, .. _reverseNat, .. _masters, .. _trailing];

    /// <summary>Adds what turns the frontend's entries into the target.</summary>
    public void Update(LoadBalancerContents known, FrontendTarget target)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(target);
        var slots = known.SlotsOf(target.Frontend);
        for (var i = 0; i < target.Backends.Count; i++)
        {
            var (id, address) = target.Backends[i];
            var backend = new BackendEntry(address);
            if (!(known.Backends.TryGetValue(id, out var held) && held == backend) && _planned.Add(id))
            {
                _backends.Add(LoadBalancerOperation.PutBackend(id, backend));
            }

            Put(_slots, slots, target.Frontend, checked((ushort)(i + 1)), ServiceSlot.Of(id, target.ServiceId));
        }

        var reverse = target.Frontend.Address with { Protocol = L4Protocol.Any };
        if (!known.ReverseNat.TryGetValue(target.ServiceId, out var frontend) || frontend != reverse)
        {
            _reverseNat.Add(LoadBalancerOperation.PutReverseNat(target.ServiceId, reverse));
        }

        Put(_masters, slots, target.Frontend, 0, ServiceSlot.Master(target.Backends.Count, target.ServiceId));
        foreach (var slot in (slots?.Keys ?? []).Where(slot => slot > target.Backends.Count).Reverse())
        {
            _trailing.Add(LoadBalancerOperation.DeleteSlot(target.Frontend, slot));
        }
    }

    /// <summary>Adds what removes the frontend, master first. Its id's reverse NAT goes too, if the id is its own.</summary>
    public void Remove(LoadBalancerContents known, ServiceFrontend frontend, ushort serviceId)
    {
        ArgumentNullException.ThrowIfNull(known);
        foreach (var slot in known.SlotsOf(frontend)?.Keys ?? [])
        {
            _removals.Add(LoadBalancerOperation.DeleteSlot(frontend, slot));
        }

        if (serviceId != 0 && known.ReverseNat.ContainsKey(serviceId))
        {
            _removals.Add(LoadBalancerOperation.DeleteReverseNat(serviceId));
        }
    }

    /// <summary>Deletes the backends among the candidates to which no slot leads any more.</summary>
    public static IReadOnlyList<LoadBalancerOperation> SweepBackends(LoadBalancerContents known, IEnumerable<uint> candidates)
    {
        ArgumentNullException.ThrowIfNull(known);
        return
        [
            .. candidates.Where(id => known.Backends.ContainsKey(id) && known.ReferencesTo(id) == 0)
                .Select(LoadBalancerOperation.DeleteBackend),
        ];
    }

    private static void Put(
        List<LoadBalancerOperation> phase, SortedList<ushort, ServiceSlot>? held, ServiceFrontend frontend, ushort slot, ServiceSlot value)
    {
        if (held is null || !held.TryGetValue(slot, out var current) || current != value)
        {
            phase.Add(LoadBalancerOperation.PutSlot(frontend, slot, value));
        }
    }
}
