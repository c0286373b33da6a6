using System.Numerics;
using System.Text;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Cache;

/// <summary>The keys of one resource of a cluster, their digest, and the chunks of its snapshot.</summary>
/// <remarks>
/// A chunk belongs to a bucket of names. A change throws away the chunks of its bucket only, so a cluster in which little
/// changes is encoded and compressed again in small part. Guarded by the cluster's lock.
/// </remarks>
internal sealed class CachedResource(ResourceKind kind)
{
    private const int MaxBuckets = 4096;

    private readonly Dictionary<string, CachedEntry> _entries = [];
    private long _bytes;

    // A power of two in number; null where a key has changed since the chunks were made.
    private SnapshotChunk[]?[] _buckets = new SnapshotChunk[]?[1];

    public ResourceKind Kind => kind;

    public IReadOnlyDictionary<string, CachedEntry> Entries => _entries;

    public int Count => _entries.Count;

    public ContentDigest Digest { get; private set; }

    /// <summary>Bytes of names and values.</summary>
    public long Bytes => _bytes;

    public bool TryGet(string name, out CachedEntry entry) => _entries.TryGetValue(name, out entry);

    /// <summary>A key has another value, or other revisions.</summary>
    public void Put(MeshKey key, in CachedEntry entry, byte[]? before, NameHash hash)
    {
        if (!ReferenceEquals(before, entry.Value))
        {
            Digest += hash.With(entry.Value);
            Digest -= before is null ? default : hash.With(before);
            _bytes += SizeOf(key, entry.Value) - (before is null ? 0 : SizeOf(key, before));
        }

        _entries[key.Name] = entry;
        Forget(entry.Hash);
    }

    public void Remove(MeshKey key, in CachedEntry entry)
    {
        Digest -= NameHash.Of(key).With(entry.Value);
        _bytes -= SizeOf(key, entry.Value);
        _entries.Remove(key.Name);
        Forget(entry.Hash);
    }

    /// <summary>Nothing of what was encoded holds any more.</summary>
    public void ForgetAll() => Array.Clear(_buckets);

    /// <summary>The chunks of the snapshot; those made before and still right are the same instances.</summary>
    /// <param name="cluster">The cluster's index.</param>
    /// <param name="epoch">Entries of another epoch get no revision: those mean nothing in this one.</param>
    /// <param name="chunkBytes">The wanted size of a chunk.</param>
    /// <param name="into">Takes them.</param>
    public void AddChunks(uint cluster, int epoch, int chunkBytes, List<SnapshotChunk> into)
    {
        // Four times too many or too few: the sizes change rarely, since all chunks are made anew then.
        var buckets = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(_bytes / chunkBytes, 1, Math.Min(MaxBuckets, Math.Max(1, Count))));
        if (buckets > _buckets.Length * 2 || buckets * 4 < _buckets.Length)
        {
            _buckets = new SnapshotChunk[]?[buckets];
        }

        if (Array.IndexOf(_buckets, null) >= 0)
        {
            Rebuild(cluster, epoch, chunkBytes);
        }

        foreach (var chunks in _buckets)
        {
            into.AddRange(chunks!);
        }
    }

    // Copies references only; what is expensive, the encoding, is left to the reader.
    private void Rebuild(uint cluster, int epoch, int chunkBytes)
    {
        var changed = new List<MeshChange>?[_buckets.Length];
        for (var i = 0; i < changed.Length; i++)
        {
            changed[i] = _buckets[i] is null ? [] : null;
        }

        foreach (var (name, entry) in _entries)
        {
            var current = entry.Epoch == epoch;
            changed[BucketOf(entry.Hash)]?.Add(
                new(new(kind, name), entry.Value, current ? entry.Revision : 0, current ? entry.CreateRevision : 0));
        }

        for (var i = 0; i < changed.Length; i++)
        {
            _buckets[i] ??= Cut(changed[i]!, cluster, chunkBytes);
        }
    }

    // A bucket is one chunk, or several if its values are large.
    private SnapshotChunk[] Cut(List<MeshChange> records, uint cluster, int chunkBytes)
    {
        var chunks = new List<SnapshotChunk>();
        var (from, size) = (0, 0);
        for (var i = 0; i < records.Count; i++)
        {
            var next = new RecordEncoding(0, cluster, records[i]).Size;
            if (i > from && size + next > 2L * chunkBytes)
            {
                Close(i);
            }

            size += next;
        }

        if (size > 0)
        {
            Close(records.Count);
        }

        return [.. chunks];

        void Close(int to)
        {
            chunks.Add(new(cluster, kind, [.. records[from..to]], size));
            (from, size) = (to, 0);
        }
    }

    private void Forget(uint hash) => _buckets[BucketOf(hash)] = null;

    private int BucketOf(uint hash) => (int)(hash & (uint)(_buckets.Length - 1));

    private static long SizeOf(in MeshKey key, byte[] value) => Encoding.UTF8.GetByteCount(key.Name) + value.Length;
}
