using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>
/// What the load-balancing maps of both families hold: the raw truth, whoever wrote it, kept in step with every operation.
/// </summary>
/// <remarks>Not thread-safe: owned by the apply loop.</remarks>
public sealed class LoadBalancerContents
{
    private readonly Dictionary<ServiceFrontend, SortedList<ushort, ServiceSlot>> _services = [];
    private readonly Dictionary<uint, BackendEntry> _backends = [];
    private readonly Dictionary<ushort, L3n4Addr> _reverseNat = [];
    private readonly Dictionary<uint, int> _references = [];
    private readonly Dictionary<ushort, HashSet<uint>> _matches = [];

    /// <summary>Slots by frontend. A frontend may lack its master, and a slot its backend: pinned maps hold what they hold.</summary>
    public IReadOnlyDictionary<ServiceFrontend, SortedList<ushort, ServiceSlot>> Services => _services;

    /// <summary>Backends by id.</summary>
    public IReadOnlyDictionary<uint, BackendEntry> Backends => _backends;

    /// <summary>Frontends by service id, as reverse NAT has them (without protocol).</summary>
    public IReadOnlyDictionary<ushort, L3n4Addr> ReverseNat => _reverseNat;

    /// <summary>Backend ids by service id, of services with session affinity.</summary>
    public IReadOnlyDictionary<ushort, HashSet<uint>> AffinityMatches => _matches;

    /// <summary>Entries of the service maps.</summary>
    public int SlotCount { get; private set; }

    /// <summary>Those of them that are IPv6.</summary>
    public int SlotCount6 { get; private set; }

    /// <summary>Backends that are IPv6.</summary>
    public int BackendCount6 { get; private set; }

    /// <summary>Reverse NAT entries that are IPv6.</summary>
    public int ReverseNatCount6 { get; private set; }

    /// <summary>Entries of the affinity match map.</summary>
    public int MatchCount { get; private set; }

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
                RemoveBackend(operation.Id);
                _backends[operation.Id] = operation.Backend;
                BackendCount6 += operation.IsIpv6 ? 1 : 0;
                break;
            case LoadBalancerOperationKind.DeleteBackend:
                RemoveBackend(operation.Id);
                break;
            case LoadBalancerOperationKind.PutReverseNat:
                RemoveReverseNat((ushort)operation.Id);
                _reverseNat[(ushort)operation.Id] = operation.Frontend;
                ReverseNatCount6 += operation.IsIpv6 ? 1 : 0;
                break;
            case LoadBalancerOperationKind.DeleteReverseNat:
                RemoveReverseNat((ushort)operation.Id);
                break;
            case LoadBalancerOperationKind.PutAffinityMatch:
                Put(operation.Match);
                break;
            case LoadBalancerOperationKind.DeleteAffinityMatch:
                Remove(operation.Match);
                break;
            case LoadBalancerOperationKind.PutSlot:
                Put(operation.Key, operation.Slot);
                break;
            case LoadBalancerOperationKind.DeleteSlot:
                Remove(operation.Key);
                break;
        }
    }

    private void RemoveBackend(uint id) => BackendCount6 -= _backends.Remove(id, out var old) && old.Address.IsIpv6 ? 1 : 0;

    private void RemoveReverseNat(ushort id) => ReverseNatCount6 -= _reverseNat.Remove(id, out var old) && old.IsIpv6 ? 1 : 0;

    private void Put(ServiceSlotKey key, ServiceSlot slot)
    {
        if (!_services.TryGetValue(key.Frontend, out var slots))
        {
            _services.Add(key.Frontend, slots = []);
        }

        if (slots.TryGetValue(key.Slot, out var old))
        {
            Unrefer(key, old);
        }
        else
        {
            Count(key, 1);
        }

        slots[key.Slot] = slot;
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

        Count(key, -1);
        if (slots.Count == 0)
        {
            _services.Remove(key.Frontend);
        }

        Unrefer(key, slot);
    }

    private void Count(ServiceSlotKey key, int difference)
    {
        SlotCount += difference;
        SlotCount6 += key.Frontend.Address.IsIpv6 ? difference : 0;
    }

    private void Unrefer(ServiceSlotKey key, ServiceSlot slot)
    {
        if (key.Slot > 0 && --_references[slot.BackendId] == 0)
        {
            _references.Remove(slot.BackendId);
        }
    }

    private void Put(AffinityMatch match)
    {
        if (!_matches.TryGetValue(match.ServiceId, out var backends))
        {
            _matches.Add(match.ServiceId, backends = []);
        }

        MatchCount += backends.Add(match.BackendId) ? 1 : 0;
    }

    private void Remove(AffinityMatch match)
    {
        if (_matches.TryGetValue(match.ServiceId, out var backends) && backends.Remove(match.BackendId))
        {
            MatchCount--;
            if (backends.Count == 0)
            {
                _matches.Remove(match.ServiceId);
            }
        }
    }
}
