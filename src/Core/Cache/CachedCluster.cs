using System.Text;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Cache;

/// <summary>
/// One cluster's content. The cache's writer changes it and writes what changed into the ring; any thread takes
/// snapshots.
/// </summary>
/// <remarks>
/// The lock makes a group one step: the writer holds it while it applies one, a reader while it copies references, so a
/// snapshot stands between two groups and carries the seq up to which it holds everything. What is expensive, the
/// encoding, happens outside, once for all who ask while the cluster is unchanged.
/// </remarks>
internal sealed class CachedCluster(ClusterName name, uint index, int chunkBytes)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<ResourceKind, Dictionary<string, CachedEntry>> _entries = [];
    private int _epoch;
    private long _bytes;
    private MeshClusterView _view = new(name, index, default, 0, 0, 0, []);

    // What is being encoded, and what was. Weak, so that a quiet mesh does not hold all its content twice: shared as long
    // as somebody sends it, and until the collector's next full pass.
    private Lazy<IReadOnlyList<ReadOnlyMemory<byte>>>? _encoding;
    private WeakReference<IReadOnlyList<ReadOnlyMemory<byte>>>? _encoded;

    public MeshClusterView View => Volatile.Read(ref _view);

    public ClusterSnapshot Snapshot()
    {
        MeshClusterView view;
        Lazy<IReadOnlyList<ReadOnlyMemory<byte>>> encoding;
        lock (_lock)
        {
            view = _view;
            if (_encoded is not null && _encoded.TryGetTarget(out var encoded))
            {
                return new(view, encoded);
            }

            if (_encoding is null)
            {
                var records = Copy();
                _encoding = new(() => SnapshotEncoding.Encode(index, records, chunkBytes));
            }

            encoding = _encoding;
        }

        var chunks = encoding.Value;
        lock (_lock)
        {
            if (ReferenceEquals(_encoding, encoding))
            {
                (_encoding, _encoded) = (null, new(chunks));
            }
        }

        return new(view, chunks);
    }

    public IReadOnlyList<MeshChange> Entries()
    {
        lock (_lock)
        {
            return Copy();
        }
    }

    /// <summary>Applies a group and appends to the ring what it changes, without publishing it.</summary>
    public void Apply(ClusterDelta delta, DeltaRing ring)
    {
        lock (_lock)
        {
            var begin = ring.NextSeq;
            var complete = BeginEpoch(delta, ring) ? [] : _view.Synced;
            var recorded = false;
            foreach (var change in delta.Changes)
            {
                recorded |= Apply(change, delta, ring);
            }

            // A resource that is first called complete in an epoch has all its keys in the group: what earlier epochs left is
            // gone at the source. A replica that was lost with its memory does not know it, so nobody else could delete it.
            List<ResourceKind> synced = [.. delta.NewlySynced.Except(complete)];
            foreach (var stale in synced.OrderDescending().SelectMany(LeftFromEarlierEpochs).ToList())
            {
                recorded |= Apply(new(stale, null, delta.Position.Revision, 0), delta, ring);
            }

            if (recorded)
            {
                ring.EndGroup();
            }

            if (synced.Count > 0)
            {
                ring.AppendMark(MarkEncoding.Synced(index, synced, ring.NextSeq, delta.Position.Revision), delta.ReadTimestamp);
            }

            var changed = ring.NextSeq != begin;
            Volatile.Write(ref _view, _view with
            {
                Position = delta.Position,
                Seq = changed ? ring.NextSeq - 1 : _view.Seq,
                Keys = _entries.Values.Sum(entries => entries.Count),
                Bytes = _bytes,
                Synced = synced.Count > 0 ? [.. complete.Concat(synced).Order()] : complete,
            });
        }
    }

    private bool BeginEpoch(ClusterDelta delta, DeltaRing ring)
    {
        if (delta.Position.Epoch == _view.Position.Epoch)
        {
            return false;
        }

        var reason = delta.EpochReason ?? "first seen";
        var frame = MarkEncoding.EpochChange(name, index, _view.Position.Epoch, delta.Position.Epoch, reason, ring.NextSeq);
        ring.AppendMark(frame, delta.ReadTimestamp);
        _epoch++;
        Forget();
        return true;
    }

    // The content changes: nobody who asks from now on may get the old encoding.
    private void Forget() => (_encoding, _encoded) = (null, null);

    // True if it was written to the ring.
    private bool Apply(in MeshChange change, ClusterDelta delta, DeltaRing ring)
    {
        var entries = _entries.TryGetValue(change.Key.Kind, out var known) ? known : _entries[change.Key.Kind] = [];
        var held = entries.TryGetValue(change.Key.Name, out var entry);
        if (change.Value is not { } value)
        {
            if (!held)
            {
                return false;
            }

            entries.Remove(change.Key.Name);
            _bytes -= SizeOf(change.Key, entry.Value);
        }
        else
        {
            var sameValue = held && (ReferenceEquals(entry.Value, value) || entry.Value.AsSpan().SequenceEqual(value));
            var sameRevisions = held && (entry.Revision, entry.CreateRevision, entry.Epoch) == (change.Revision, change.CreateRevision, _epoch);
            if (sameValue && sameRevisions)
            {
                return false;
            }

            entries[change.Key.Name] = new(sameValue ? entry.Value : value, change.Revision, change.CreateRevision, _epoch);
            _bytes += SizeOf(change.Key, value) - (held ? SizeOf(change.Key, entry.Value) : 0);
            if (sameValue && entry.Epoch != _epoch)
            {
                // The same content in a new history: only its revisions are news, and those are nobody's before a snapshot.
                Forget();
                return false;
            }
        }

        Forget();
        ring.AppendRecord(new(ring.NextSeq, index, change), delta.ReadTimestamp);
        return true;
    }

    private IEnumerable<MeshKey> LeftFromEarlierEpochs(ResourceKind kind) => _entries.TryGetValue(kind, out var entries)
        ? entries.Where(entry => entry.Value.Epoch != _epoch).Select(entry => new MeshKey(kind, entry.Key))
        : [];

    // Revisions of an earlier history mean nothing in this one: 0 = not known yet.
    private List<MeshChange> Copy()
    {
        var records = new List<MeshChange>(_view.Keys);
        foreach (var (kind, entries) in _entries)
        {
            foreach (var (key, entry) in entries)
            {
                var current = entry.Epoch == _epoch;
                records.Add(new(new(kind, key), entry.Value, current ? entry.Revision : 0, current ? entry.CreateRevision : 0));
            }
        }

        return records;
    }

    private static int SizeOf(in MeshKey key, byte[] value) => Encoding.UTF8.GetByteCount(key.Name) + value.Length;
}
