using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// Holds a resource's canary back until everything that was to be written of the resource when it was called for is
/// acknowledged. What comes later does not delay it, so that churn cannot starve it.
/// </summary>
internal sealed class CanaryGate(SinkCluster cluster, ResourceKind kind)
{
    private int _awaited;

    public SinkEntry Canary { get; } = new(cluster, new MeshKey(kind, string.Empty), isCanary: true);

    /// <summary>The source has every key of the resource, or does not offer it. Never taken back.</summary>
    public bool IsSynced { get; set; }

    /// <summary>The canary is wanted and not yet let through.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Calls for the canary; true if it may be written at once.</summary>
    public bool Call(IEnumerable<SinkEntry> entries)
    {
        _awaited = 0;
        foreach (var entry in entries)
        {
            if (entry.Key.Kind == kind && entry.IsData)
            {
                entry.IsAwaited = !entry.IsSettled;
                entry.AwaitedVersion = entry.Version;
                _awaited += entry.IsAwaited ? 1 : 0;
            }
        }

        IsClosed = _awaited > 0;
        return !IsClosed;
    }

    /// <summary>A version of an entry is in the store; true if it was the last one awaited.</summary>
    public bool Pass(SinkEntry entry, int version)
    {
        if (!entry.IsAwaited || version < entry.AwaitedVersion)
        {
            return false;
        }

        entry.IsAwaited = false;
        _awaited--;
        IsClosed = _awaited > 0;
        return !IsClosed;
    }
}
