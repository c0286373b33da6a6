using System.Diagnostics.CodeAnalysis;

namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// The entries of a cluster that wait to be written, urgent ones first, each at most once: a newer value keeps the place
/// of the older one. An entry that became urgent leaves a husk in the background, which is skipped.
/// </summary>
internal sealed class SinkQueues
{
    private readonly Queue<SinkEntry> _urgent = [];
    private readonly Queue<SinkEntry> _background = [];

    public int Count => _urgent.Count + _background.Count;

    public void Add(SinkEntry entry)
    {
        var queue = entry.HoldsTarget && !entry.IsUncertain ? SinkQueue.Background : SinkQueue.Urgent;
        if (entry.Queue < queue)
        {
            entry.Queue = queue;
            Of(queue).Enqueue(entry);
        }
    }

    public bool TryPeek([NotNullWhen(true)] out SinkEntry? entry) =>
        TryPeek(SinkQueue.Urgent, out entry) || TryPeek(SinkQueue.Background, out entry);

    /// <summary>Removes the entry that was peeked.</summary>
    public void Remove(SinkEntry entry)
    {
        Of(entry.Queue).Dequeue();
        entry.Queue = SinkQueue.None;
    }

    public void Clear()
    {
        foreach (var entry in _urgent.Concat(_background))
        {
            entry.Queue = SinkQueue.None;
        }

        _urgent.Clear();
        _background.Clear();
    }

    private Queue<SinkEntry> Of(SinkQueue queue) => queue == SinkQueue.Urgent ? _urgent : _background;

    private bool TryPeek(SinkQueue queue, [NotNullWhen(true)] out SinkEntry? entry)
    {
        while (Of(queue).TryPeek(out entry) && entry.Queue != queue)
        {
            Of(queue).Dequeue();
        }

        return entry is not null;
    }
}
