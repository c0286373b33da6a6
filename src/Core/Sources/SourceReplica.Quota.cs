using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <content>
/// Refusing what is more than the quota. A batch or a list is taken over as a whole or not at all: what is held, the position and the
/// fingerprint stay those of one state of the source. The owner lists again later, since only a list can tell that the source has
/// shrunk; the watch would deliver the growth once more before the deletions that made up for it.
/// </content>
public sealed partial class SourceReplica
{
    /// <summary>What may be held; nothing is refused by default.</summary>
    public SourceQuota Quota { get; init; }

    /// <summary>Why the last batch or list was refused; null once a list has fitted.</summary>
    public string? Excess { get; private set; }

    private (long Keys, long Bytes) Held => (_resources.Sum(resource => (long)resource.Count), Bytes);

    // A list that is too large is void at once.
    private bool TakesList(SourceLayout layout)
    {
        if (FindListExcess(layout) is { } excess)
        {
            Excess = excess;
            AbortList();
            return false;
        }

        return true;
    }

    private bool TakesBatch(SourceLayout layout, SourceBatch batch)
    {
        if (FindExcess(layout, batch) is { } excess)
        {
            Excess = excess;
            return false;
        }

        return true;
    }

    // Not before its end is known to fit is a list taken over; not before a page too many is it known not to fit.
    private string? FindListExcess(SourceLayout layout)
    {
        var (keys, bytes) = (0L, 0L);
        foreach (var resource in _resources)
        {
            if (_listing!.Contains(resource))
            {
                (keys, bytes) = (keys + resource.ListedCount, bytes + resource.ListedBytes);
            }
            else if (!_resyncing || layout.Resources.Contains(resource.Kind))
            {
                (keys, bytes) = (keys + resource.Count, bytes + resource.Bytes);
            }
        }

        return Quota.FindExcess(Held, (keys, bytes));
    }

    private string? FindExcess(SourceLayout layout, SourceBatch batch)
    {
        if (Quota == default)
        {
            return null;
        }

        var held = Held;
        var most = (held.Keys + batch.Events.Count, held.Bytes + batch.Events.Sum(change => (long)change.Key.Length + (change.Value?.Length ?? 0)));
        if (Quota.FindExcess(held, most) is null)
        {
            return null;
        }

        var next = new Dictionary<MeshKey, long?>();
        foreach (var change in batch.Events)
        {
            if (layout.TryMap(change.Key, out var key) && !key.Name.Contains(Undecodable) && Of(key.Kind).Awaits(change))
            {
                next[key] = change.Value is { } value ? key.Name.Length + value.Length : null;
            }
        }

        var (keys, bytes) = held;
        foreach (var (key, size) in next)
        {
            var known = Of(key.Kind).SizeOf(key.Name);
            (keys, bytes) = (keys + (size is null ? 0 : 1) - (known is null ? 0 : 1), bytes + (size ?? 0) - (known ?? 0));
        }

        return Quota.FindExcess(held, (keys, bytes));
    }
}
