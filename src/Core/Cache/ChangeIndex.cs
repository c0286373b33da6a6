using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Cache;

/// <summary>
/// In which order the keys of a cluster changed last: answers "what is different since seq" in time proportional to the answer,
/// for any number of readers, without knowing them.
/// </summary>
/// <remarks>
/// An array of slots (seq, key), one appended per change. A slot is stale when its key has changed again, and is skipped;
/// when more than half are, the array is rewritten, which costs each change a constant in the end. A deleted key stays as a
/// tombstone until there are too many; then the oldest goes, and the horizon rises: who stands below it may have missed a
/// deletion and needs all. (A list linked in order of change would need no rewriting, but could not be searched.)
/// Guarded by the cluster's lock.
/// </remarks>
/// <param name="minTombstones">So many are kept in any case.</param>
internal sealed class ChangeIndex(int minTombstones)
{
    // Below it rewriting is not worth it.
    private const int SmallIndex = 64;

    private readonly List<(long Seq, MeshKey Key)> _slots = [];
    private readonly Dictionary<MeshKey, Tombstone> _tombstones = [];
    private readonly Queue<(long Seq, MeshKey Key)> _oldest = new();

    /// <summary>Deletions after it are all known.</summary>
    public long Horizon { get; private set; }

    /// <summary>Deleted keys that are remembered.</summary>
    public int Tombstones => _tombstones.Count;

    /// <summary>A key got a value.</summary>
    public void Put(in MeshKey key, long seq)
    {
        _tombstones.Remove(key);
        _slots.Add((seq, key));
    }

    /// <summary>A key went.</summary>
    /// <param name="key">The key.</param>
    /// <param name="seq">The record.</param>
    /// <param name="revision">The source's revision of the deletion.</param>
    /// <param name="epoch">The number of the epoch that the revision belongs to.</param>
    /// <param name="keys">Keys that the cluster holds now: one tombstone is kept for five of them.</param>
    public void Delete(in MeshKey key, long seq, long revision, int epoch, int keys)
    {
        _tombstones[key] = new(seq, revision, epoch);
        _slots.Add((seq, key));
        _oldest.Enqueue((seq, key));
        while (_tombstones.Count > Math.Max(minTombstones, keys / 5))
        {
            var (oldSeq, oldKey) = _oldest.Dequeue();
            if (_tombstones.TryGetValue(oldKey, out var tombstone) && tombstone.Seq == oldSeq)
            {
                _tombstones.Remove(oldKey);
                Horizon = oldSeq;
            }
        }
    }

    /// <summary>Rewrites the slots if most are stale.</summary>
    /// <param name="seqOf">The record that published a key that is held; 0 if it is not held.</param>
    /// <param name="keys">Keys that the cluster holds.</param>
    public void Tidy(Func<MeshKey, long> seqOf, int keys)
    {
        if (_slots.Count > SmallIndex + (2 * (keys + _tombstones.Count)))
        {
            _slots.RemoveAll(slot => seqOf(slot.Key) != slot.Seq && !IsTombstone(slot));
        }

        // Those that were put again leave their turn in the queue behind.
        if (_oldest.Count > SmallIndex + (2 * _tombstones.Count))
        {
            var kept = _oldest.Where(IsTombstone).ToList();
            _oldest.Clear();
            kept.ForEach(_oldest.Enqueue);
        }
    }

    /// <summary>Slots after a seq, stale ones included: what a walk costs.</summary>
    public int CountAfter(long seq) => _slots.Count - FirstAfter(seq);

    /// <summary>The keys that changed after a seq, in the order of their last change, each once, with its tombstone if it went.</summary>
    /// <param name="seq">Where the reader stands, at or above <see cref="Horizon"/>.</param>
    /// <param name="seqOf">As for <see cref="Tidy"/>.</param>
    public IEnumerable<(MeshKey Key, Tombstone? Deleted)> After(long seq, Func<MeshKey, long> seqOf)
    {
        for (var i = FirstAfter(seq); i < _slots.Count; i++)
        {
            var slot = _slots[i];
            if (seqOf(slot.Key) == slot.Seq)
            {
                yield return (slot.Key, null);
            }
            else if (IsTombstone(slot))
            {
                yield return (slot.Key, _tombstones[slot.Key]);
            }
        }
    }

    private bool IsTombstone((long Seq, MeshKey Key) slot) => _tombstones.TryGetValue(slot.Key, out var tombstone) && tombstone.Seq == slot.Seq;

    private int FirstAfter(long seq)
    {
        var (low, high) = (0, _slots.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _slots[middle].Seq <= seq ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
