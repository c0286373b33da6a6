using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>
/// Backend ids: 1 to 2³²−1, one per address, port and protocol, shared by every service that uses it.
/// </summary>
/// <remarks>
/// As <see cref="ServiceIds"/>: restored from the pinned maps, and free again only after the map entry is gone, since a
/// slot that still leads to a reused id would lead to a stranger.
/// </remarks>
public sealed class BackendIds
{
    private readonly Dictionary<L3n4Addr, uint> _ids = [];
    private readonly HashSet<uint> _taken = [];
    private uint _last;

    /// <summary>Forgets everything and takes over what the maps hold; of two ids for one address the lower one is used.</summary>
    public void Restore(LoadBalancerContents contents)
    {
        ArgumentNullException.ThrowIfNull(contents);
        _ids.Clear();
        _taken.Clear();
        foreach (var (id, backend) in contents.Backends.OrderBy(pair => pair.Key))
        {
            // An id that only duplicates another stays taken until its entry is gone.
            _taken.Add(id);
            if (id != 0)
            {
                _ids.TryAdd(backend.Address, id);
            }

            _last = Math.Max(_last, id);
        }
    }

    /// <summary>The address's id, a new one if it has none.</summary>
    public uint GetOrAllocate(L3n4Addr address)
    {
        if (_ids.TryGetValue(address, out var id))
        {
            return id;
        }

        do
        {
            _last = _last == uint.MaxValue ? 1 : _last + 1;
        }
        while (!_taken.Add(_last));
        _ids.Add(address, _last);
        return _last;
    }

    /// <summary>The address's id; 0 if it has none.</summary>
    public uint Find(L3n4Addr address) => _ids.GetValueOrDefault(address);

    /// <summary>Frees an id whose map entry is gone.</summary>
    public void Release(uint id, L3n4Addr address)
    {
        _taken.Remove(id);
        if (_ids.TryGetValue(address, out var current) && current == id)
        {
            _ids.Remove(address);
        }
    }
}
