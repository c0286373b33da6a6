namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// Which key is attached to which lease. A key keeps its lease until it is deleted; a new one gets the current lease, else
/// any with room, else waits for a grant. (Cilium: pkg/kvstore/etcd_lease.go)
/// </summary>
internal sealed class LeaseBook(int keysPerLease)
{
    private readonly Dictionary<long, SinkLease> _leases = [];
    private readonly Stack<SinkLease> _withRoom = [];
    private SinkLease? _current;

    public int Count => _leases.Count;

    public IEnumerable<long> Ids => _leases.Keys;

    /// <summary>Keys that can still get a lease without a grant.</summary>
    public int Room { get; private set; }

    public void Granted(long id)
    {
        var lease = new SinkLease(id, keysPerLease);
        _leases[id] = lease;
        Room += keysPerLease;
        Offer(lease);
    }

    /// <summary>Gives the entry a slot unless it has one; false if a lease must be granted first.</summary>
    public bool TryAssign(SinkEntry entry)
    {
        if (entry.Lease is not null)
        {
            return true;
        }

        while (_current is not { HasRoom: true, IsLost: false })
        {
            if (!_withRoom.TryPop(out _current))
            {
                _current = null;
                return false;
            }

            _current.IsOffered = false;
        }

        _current.Add(entry);
        Room--;
        return true;
    }

    /// <summary>Frees the entry's slot, if it has one.</summary>
    public void Release(SinkEntry entry)
    {
        if (entry.Lease is not { } lease)
        {
            return;
        }

        lease.Remove(entry);
        if (!lease.IsLost)
        {
            Room++;
            Offer(lease);
        }
    }

    /// <summary>Strikes a lease out and returns the entries that had it, without a lease now.</summary>
    public IReadOnlyList<SinkEntry> Lose(long id) => _leases.Remove(id, out var lease) ? Lose(lease) : [];

    /// <summary>Strikes out all leases.</summary>
    public IReadOnlyList<SinkEntry> LoseAll()
    {
        var entries = _leases.Values.SelectMany(Lose).ToList();
        _leases.Clear();
        return entries;
    }

    /// <summary>Strikes out the leases without keys: they are not renewed and end by themselves.</summary>
    public void ForgetEmpty()
    {
        foreach (var lease in _leases.Values.Where(lease => lease.Count == 0 && lease != _current).ToList())
        {
            _leases.Remove(lease.Id);
            Lose(lease);
        }
    }

    private List<SinkEntry> Lose(SinkLease lease)
    {
        Room -= lease.Room;
        lease.IsLost = true;
        var entries = lease.Entries.ToList();
        entries.ForEach(lease.Remove);
        return entries;
    }

    private void Offer(SinkLease lease)
    {
        if (lease != _current && !lease.IsOffered)
        {
            lease.IsOffered = true;
            _withRoom.Push(lease);
        }
    }
}
