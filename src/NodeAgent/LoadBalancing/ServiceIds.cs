using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>
/// Service ids (rev_nat_index): 1 to 65535, one per frontend, ascending and then round again.
/// </summary>
/// <remarks>
/// Sockets remember the id of the service they connected to, so a frontend keeps its id across restarts: the pinned
/// maps are the record. An id is free again only after its entries are gone.
/// </remarks>
public sealed class ServiceIds
{
    private readonly Dictionary<ServiceFrontend, ushort> _ids = [];
    private readonly HashSet<ushort> _taken = [];
    private ushort _last;

    /// <summary>Ids in use.</summary>
    public int Count => _ids.Count;

    /// <summary>Forgets everything and takes over what the maps hold; of two frontends with one id the lower keeps it.</summary>
    public void Restore(LoadBalancerContents contents)
    {
        ArgumentNullException.ThrowIfNull(contents);
        _ids.Clear();
        _taken.Clear();
        foreach (var (frontend, slots) in contents.Services.OrderBy(pair => pair.Key))
        {
            if (slots.TryGetValue(0, out var master) && master.RevNatId != 0 && _taken.Add(master.RevNatId))
            {
                _ids.Add(frontend, master.RevNatId);
            }
        }

        _last = Math.Max(_last, _taken.Count == 0 ? (ushort)0 : _taken.Max());
    }

    /// <summary>The frontend's id, a new one if it has none; 0 if all are taken.</summary>
    public ushort GetOrAllocate(ServiceFrontend frontend)
    {
        if (_ids.TryGetValue(frontend, out var id))
        {
            return id;
        }

        if (_taken.Count == ushort.MaxValue)
        {
            return 0;
        }

        do
        {
            _last = _last == ushort.MaxValue ? (ushort)1 : (ushort)(_last + 1);
        }
        while (!_taken.Add(_last));
        _ids.Add(frontend, _last);
        return _last;
    }

    /// <summary>The frontend's id; 0 if it has none.</summary>
    public ushort Find(ServiceFrontend frontend) => _ids.GetValueOrDefault(frontend);

    /// <summary>Somebody has this id.</summary>
    public bool IsTaken(ushort id) => _taken.Contains(id);

    /// <summary>Frees the frontend's id.</summary>
    public void Release(ServiceFrontend frontend)
    {
        if (_ids.Remove(frontend, out var id))
        {
            _taken.Remove(id);
        }
    }
}
