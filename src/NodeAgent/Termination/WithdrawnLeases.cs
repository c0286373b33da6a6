namespace KvStoreMesh.NodeAgent.Termination;

/// <summary>
/// Since when each lease in use has been withdrawn. One that comes back, or that no socket holds any more, is forgotten. Pure.
/// </summary>
internal sealed class WithdrawnLeases(TimeSpan grace, TimeProvider time)
{
    private readonly Dictionary<BackendLease, long> _since = [];

    /// <summary>Leases that wait for their end.</summary>
    public int Count => _since.Count;

    /// <summary>Some have waited long enough.</summary>
    public bool IsDue => _since.Values.Any(IsOver);

    /// <summary>Takes which leases in use are withdrawn now; returns those whose sockets are to be closed.</summary>
    public IReadOnlySet<BackendLease> Observe(IReadOnlySet<BackendLease> withdrawn)
    {
        foreach (var lease in _since.Keys.Where(lease => !withdrawn.Contains(lease)).ToList())
        {
            _since.Remove(lease);
        }

        foreach (var lease in withdrawn)
        {
            _since.TryAdd(lease, time.GetTimestamp());
        }

        return _since.Where(lease => IsOver(lease.Value)).Select(lease => lease.Key).ToHashSet();
    }

    private bool IsOver(long since) => time.GetElapsedTime(since) >= grace;
}
