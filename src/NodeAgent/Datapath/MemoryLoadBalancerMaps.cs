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

    private string? FullMap(in LoadBalancerOperation operation) => operation.Kind switch
    {
        LoadBalancerOperationKind.PutBackend when
            _contents.Backends.Count >= limits.Backends && !_contents.Backends.ContainsKey(operation.Id) => "the backend map",
        LoadBalancerOperationKind.PutReverseNat when
            _contents.ReverseNat.Count >= limits.ReverseNat && !_contents.ReverseNat.ContainsKey((ushort)operation.Id) =>
            "the reverse NAT map",
        LoadBalancerOperationKind.PutSlot when
            _contents.SlotCount >= limits.Services
            && _contents.SlotsOf(operation.Key.Frontend)?.ContainsKey(operation.Key.Slot) is not true => "the service map",
        _ => null,
    };
}
