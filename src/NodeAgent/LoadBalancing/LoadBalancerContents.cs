using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>
/// What the three load-balancing maps hold: the raw truth, whoever wrote it, kept in step with every operation.
/// </summary>
/// <remarks>Not thread-safe: owned by the apply loop.</remarks>
public sealed class LoadBalancerContents
{
    private readonly Dictionary<ServiceFrontend, SortedList<ushort, ServiceSlot>> _services = [];
    private readonly Dictionary<uint, BackendEntry> _backends = [];
    private readonly Dictionary<ushort, L3n4Addr> _reverseNat = [];
    private readonly Dictionary<uint, int> _references = [];

    /// <summary>Slots by frontend. A frontend may lack its master, and a slot its backend: pinned maps hold what they hold.</summary>
    public IReadOnlyDictionary<ServiceFrontend, SortedList<ushort, ServiceSlot>> Services => _services;

    /// <summary>Backends by id.</summary>
    public IReadOnlyDictionary<uint, BackendEntry> Backends => _backends;

    /// <summary>Frontends by service id, as reverse NAT has them (without protocol).</summary>
    public IReadOnlyDictionary<ushort, L3n4Addr> ReverseNat => _reverseNat;

    /// <summary>Entries of the service map.</summary>
    public int SlotCount { get; private set; }

    /// <summary>How many slots lead to a backend.</summary>
    public int ReferencesTo(uint backendId) => _references.GetValueOrDefault(backendId);

    /// <summary>The frontend's slots; null if it has none.</summary>
    public SortedList<ushort, ServiceSlot>? SlotsOf(ServiceFrontend frontend) => _services.GetValueOrDefault(frontend);

    /// <summary>Applies what has been written to the maps.</summary>
    public void Apply(in LoadBalancerOperation operation)
    {
        switch (operation.Kind)
        {
            case LoadBalancerOperationKind.PutBackend:
                _backends[operation.Id] = operation.Backend;
                break;
            case LoadBalancerOperationKind.DeleteBackend:
                _backends.Remove(operation.Id);
                break;
            case LoadBalancerOperationKind.PutReverseNat:
                _reverseNat[(ushort)operation.Id] = operation.Frontend;
                break;
            case LoadBalancerOperationKind.DeleteReverseNat:
                _reverseNat.Remove((ushort)operation.Id);
                break;
            case LoadBalancerOperationKind.PutSlot:
                Remove(operation.Key);
                Put(operation.Key, operation.Slot);
                break;
            case LoadBalancerOperationKind.DeleteSlot:
                Remove(operation.Key);
                break;
        }
    }

    private void Put(ServiceSlotKey key, ServiceSlot slot)
    {
        if (!_services.TryGetValue(key.Frontend, out var slots))
        {
            _services.Add(key.Frontend, slots = []);
        }

        slots.Add(key.Slot, slot);
        SlotCount++;
        if (key.Slot > 0)
        {
            _references[slot.BackendId] = _references.GetValueOrDefault(slot.BackendId) + 1;
        }
    }

    private void Remove(ServiceSlotKey key)
    {
        if (!_services.TryGetValue(key.Frontend, out var slots) || !slots.Remove(key.Slot, out var slot))
        {
            return;
        }

        SlotCount--;
        if (slots.Count == 0)
        {
            _services.Remove(key.Frontend);
        }

        if (key.Slot > 0 && --_references[slot.BackendId] == 0)
        {
            _references.Remove(slot.BackendId);
        }
    }
}
