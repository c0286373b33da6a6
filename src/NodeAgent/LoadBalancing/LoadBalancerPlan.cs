using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>
/// The writes that lead from what the maps hold to what they should hold, in the order in which no lookup ever fails.
/// </summary>
/// <remarks>
/// A program that looks a service up reads the master, then one of its slots, then the slot's backend, while writes go
/// on. So a backend is there before a slot leads to it, a slot before the count covers it, and things go in the reverse
/// order (Cilium up to 1.17: pkg/service, pkg/maps/lbmap). A frontend goes master first, which hides the rest at once. What
/// lets a client return to a backend goes before anything else, and comes when the backend is in its slot.
/// Backends are swept after all frontends, since frontends share them. The phases of many frontends may be written
/// phase by phase, which makes large batches; the order within each frontend stays the same. Pure.
/// </remarks>
public sealed class LoadBalancerPlan
{
    private readonly List<LoadBalancerOperation> _unmatched = [];
    private readonly List<LoadBalancerOperation> _backends = [];
    private readonly List<LoadBalancerOperation> _slots = [];
    private readonly List<LoadBalancerOperation> _reverseNat = [];
    private readonly List<LoadBalancerOperation> _masters = [];
    private readonly List<LoadBalancerOperation> _trailing = [];
    private readonly List<LoadBalancerOperation> _matched = [];
    private readonly List<LoadBalancerOperation> _removals = [];
    private readonly HashSet<uint> _planned = [];

    /// <summary>Every write in order.</summary>
    public IReadOnlyList<LoadBalancerOperation> Operations =>
        [.. _unmatched, .. _removals, .. _backends, .. _slots, .. _reverseNat, .. _masters, .. _trailing, .. _matched];

    /// <summary>Adds what turns the frontend's entries into the target.</summary>
    public void Update(LoadBalancerContents known, FrontendTarget target)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(target);
        var slots = known.SlotsOf(target.Frontend);
        for (var i = 0; i < target.Backends.Count; i++)
        {
            var (id, backend) = target.Backends[i];
            Put(known, id, backend);
            if (i < target.Slots)
            {
                Put(_slots, slots, target.Frontend, checked((ushort)(i + 1)), ServiceSlot.Of(id, target.ServiceId, target.AffinitySeconds));
            }
        }

        var reverse = target.Frontend.Address with { Protocol = L4Protocol.Any };
        if (!known.ReverseNat.TryGetValue(target.ServiceId, out var frontend) || frontend != reverse)
        {
            _reverseNat.Add(LoadBalancerOperation.PutReverseNat(target.ServiceId, reverse));
        }

        Put(_masters, slots, target.Frontend, 0, ServiceSlot.Master(
            target.Eligible, target.ServiceId, target.AffinitySeconds, target.Slots - target.Eligible));
        foreach (var slot in (slots?.Keys ?? []).Where(slot => slot > target.Slots).Reverse())
        {
            _trailing.Add(LoadBalancerOperation.DeleteSlot(target.Frontend, slot));
        }

        Match(known, target);
    }

    /// <summary>Puts a backend, unless the map holds it so.</summary>
    public void Put(LoadBalancerContents known, uint id, BackendEntry backend)
    {
        ArgumentNullException.ThrowIfNull(known);
        if (!(known.Backends.TryGetValue(id, out var held) && held == backend) && _planned.Add(id))
        {
            _backends.Add(LoadBalancerOperation.PutBackend(id, backend));
        }
    }

    /// <summary>Adds what removes the frontend, master first. Its id's reverse NAT and affinity go too, if the id is its own.</summary>
    public void Remove(LoadBalancerContents known, ServiceFrontend frontend, ushort serviceId)
    {
        ArgumentNullException.ThrowIfNull(known);
        foreach (var slot in known.SlotsOf(frontend)?.Keys ?? [])
        {
            _removals.Add(LoadBalancerOperation.DeleteSlot(frontend, slot));
        }

        if (serviceId == 0)
        {
            return;
        }

        if (known.ReverseNat.TryGetValue(serviceId, out var reverse))
        {
            _removals.Add(LoadBalancerOperation.DeleteReverseNat(serviceId, reverse));
        }

        Unmatch(known, serviceId);
    }

    /// <summary>Deletes every affinity match of a service.</summary>
    public void Unmatch(LoadBalancerContents known, ushort serviceId)
    {
        ArgumentNullException.ThrowIfNull(known);
        foreach (var id in known.AffinityMatches.GetValueOrDefault(serviceId) ?? [])
        {
            _unmatched.Add(LoadBalancerOperation.DeleteAffinityMatch(new(id, serviceId)));
        }
    }

    private static void Put(
        List<LoadBalancerOperation> phase, SortedList<ushort, ServiceSlot>? held, ServiceFrontend frontend, ushort slot, ServiceSlot value)
    {
        if (held is null || !held.TryGetValue(slot, out var current) || current != value)
        {
            phase.Add(LoadBalancerOperation.PutSlot(frontend, slot, value));
        }
    }

    /// <summary>The eligible backends of a service with affinity, and of no other service.</summary>
    private void Match(LoadBalancerContents known, FrontendTarget target)
    {
        if (target.AffinitySeconds == 0)
        {
            Unmatch(known, target.ServiceId);
            return;
        }

        var held = known.AffinityMatches.GetValueOrDefault(target.ServiceId) ?? [];
        HashSet<uint> wanted = [.. target.Backends.Take(target.Eligible).Select(backend => backend.Key)];
        _unmatched.AddRange(held.Where(id => !wanted.Contains(id)).Select(id => LoadBalancerOperation.DeleteAffinityMatch(new(id, target.ServiceId))));
        _matched.AddRange(wanted.Where(id => !held.Contains(id)).Select(id => LoadBalancerOperation.PutAffinityMatch(new(id, target.ServiceId))));
    }
}
