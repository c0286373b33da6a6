namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// Puts transactions together: cluster by cluster in turn, so that none delays the others, within the limits of the server.
/// </summary>
/// <remarks>
/// Small transactions are cheap to wait for and dear to send: while some are under way, the next one is sent only when it
/// is full. An idle store gets a single change at once.
/// </remarks>
internal sealed class BatchPlanner(SinkOptions options, LeaseBook leases)
{
    private const int KeyOverhead = 64;
    private const int MinBytes = 16 << 10;
    private const int PartialInFlight = 2;

    private readonly Queue<SinkCluster> _ring = [];
    private int _maxOperations = options.MaxOperations;
    private int _maxBytes = options.MaxBytes;

    public int MaxOperations => _maxOperations;

    /// <summary>Takes the cluster into the turn if it has something to write.</summary>
    public void Enroll(SinkCluster cluster)
    {
        if (!cluster.IsOnRing && cluster.HasWork)
        {
            cluster.IsOnRing = true;
            _ring.Enqueue(cluster);
        }
    }

    public void Clear() => _ring.Clear();

    /// <summary>Entries that wait, counted up to <paramref name="limit"/>.</summary>
    public int Waiting(int limit)
    {
        var waiting = 0;
        foreach (var cluster in _ring)
        {
            waiting += cluster.Pending;
            if (waiting >= limit)
            {
                return limit;
            }
        }

        return waiting;
    }

    /// <summary>The next transaction; null if there is nothing to send now.</summary>
    public List<SinkWrite>? Next(SinkEntry? heartbeat, int inFlight)
    {
        if (_ring.Count == 0 && heartbeat is null)
        {
            return null;
        }

        if (inFlight >= PartialInFlight && heartbeat is null && Waiting(_maxOperations) < _maxOperations)
        {
            return null;
        }

        var writes = new List<SinkWrite>(Math.Min(_maxOperations, 128));
        var bytes = 0;
        if (heartbeat is not null && leases.TryAssign(heartbeat))
        {
            heartbeat.InFlight = true;
            writes.Add(new SinkWrite(heartbeat, heartbeat.Version, heartbeat.Desired, heartbeat.Lease));
        }

        while (writes.Count < _maxOperations && _ring.TryPeek(out var cluster))
        {
            if (!cluster.TryPeek(out var entry))
            {
                _ring.Dequeue();
                cluster.IsOnRing = false;
                continue;
            }

            var size = entry.Key.Name.Length + (entry.Target?.Length ?? 0) + KeyOverhead;
            var fits = writes.Count == 0 || (bytes + size <= _maxBytes && !entry.IsAlone);
            if (!fits || (entry.Target is not null && !leases.TryAssign(entry)))
            {
                break;
            }

            writes.Add(cluster.Take(entry));
            bytes += size;
            if (entry.IsAlone)
            {
                break;
            }
        }

        // The next transaction begins with another cluster.
        if (_ring.Count > 1)
        {
            _ring.Enqueue(_ring.Dequeue());
        }

        return writes.Count > 0 ? writes : null;
    }

    /// <summary>The server allows fewer operations than were sent.</summary>
    public void AllowFewerOperations(int sent) => _maxOperations = Math.Max(1, Math.Min(_maxOperations, sent / 2));

    /// <summary>The server refused a transaction, perhaps for its size.</summary>
    public void AllowFewerBytes() => _maxBytes = Math.Max(MinBytes, _maxBytes / 2);
}
