using KvStoreMesh.NodeAgent.LoadBalancing;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>The load-balancing maps in memory, with the kernel's limits.</summary>
internal sealed class MemoryLoadBalancerMaps(DatapathLimits limits) : ILoadBalancerMaps
{
    private readonly LoadBalancerContents _contents = new();

    public LoadBalancerContents Read()
    {
        var copy = new LoadBalancerContents();
        foreach (var (frontend, slots) in _contents.Services)
        {
            foreach (var (slot, value) in slots)
            {
                copy.Apply(LoadBalancerOperation.PutSlot(frontend, slot, value));
            }
        }

        foreach (var (id, backend) in _contents.Backends)
        {
            copy.Apply(LoadBalancerOperation.PutBackend(id, backend));
        }

        foreach (var (id, frontend) in _contents.ReverseNat)
        {
            copy.Apply(LoadBalancerOperation.PutReverseNat(id, frontend));
        }

        foreach (var (service, backends) in _contents.AffinityMatches)
        {
            foreach (var backend in backends)
            {
                copy.Apply(LoadBalancerOperation.PutAffinityMatch(new(backend, service)));
            }
        }

        return copy;
    }

    public WriteResult Write(IReadOnlyList<LoadBalancerOperation> operations)
    {
        for (var i = 0; i < operations.Count; i++)
        {
            if (FullMap(operations[i]) is { } map)
            {
                return new(i, $"{map} is full");
            }

            _contents.Apply(operations[i]);
        }

        return new(operations.Count, null);
    }

    private string? FullMap(in LoadBalancerOperation operation)
    {
        var (v6, held) = (operation.IsIpv6, _contents);
        var family = v6 ? "IPv6" : "IPv4";
        return operation.Kind switch
        {
            LoadBalancerOperationKind.PutBackend when
                !held.Backends.ContainsKey(operation.Id) && OfFamily(held.Backends.Count, held.BackendCount6) >= limits.Backends =>
                $"the {family} backend map",
            LoadBalancerOperationKind.PutReverseNat when
                !held.ReverseNat.ContainsKey((ushort)operation.Id)
                && OfFamily(held.ReverseNat.Count, held.ReverseNatCount6) >= limits.ReverseNat => $"the {family} reverse NAT map",
            LoadBalancerOperationKind.PutSlot when
                held.SlotsOf(operation.Key.Frontend)?.ContainsKey(operation.Key.Slot) is not true
                && OfFamily(held.SlotCount, held.SlotCount6) >= limits.Services => $"the {family} service map",
            LoadBalancerOperationKind.PutAffinityMatch when
                held.AffinityMatches.GetValueOrDefault(operation.Match.ServiceId)?.Contains(operation.Match.BackendId) is not true
                && held.MatchCount >= limits.Affinity => "the affinity match map",
            _ => null,
        };

        int OfFamily(int all, int six) => v6 ? six : all - six;
    }
}
