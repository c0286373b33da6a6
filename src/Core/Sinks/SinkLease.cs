namespace KvStoreMesh.Core.Sinks;

/// <summary>One lease of ours and the entries that hold its slots.</summary>
internal sealed class SinkLease(long id, int capacity)
{
    private readonly SinkEntry?[] _slots = new SinkEntry?[capacity];
    private readonly Stack<int> _released = [];
    private int _used;

    public long Id => id;

    public int Count { get; private set; }

    public bool HasRoom => Count < capacity;

    public int Room => capacity - Count;

    /// <summary>It is on the list of leases with room.</summary>
    public bool IsOffered { get; set; }

    /// <summary>The store does not know it any more.</summary>
    public bool IsLost { get; set; }

    public IEnumerable<SinkEntry> Entries => _slots.OfType<SinkEntry>();

    public void Add(SinkEntry entry)
    {
        var slot = _released.TryPop(out var free) ? free : _used++;
        _slots[slot] = entry;
        entry.Lease = this;
        entry.Slot = slot;
        Count++;
    }

    public void Remove(SinkEntry entry)
    {
        _slots[entry.Slot] = null;
        _released.Push(entry.Slot);
        entry.Lease = null;
        Count--;
    }
}
