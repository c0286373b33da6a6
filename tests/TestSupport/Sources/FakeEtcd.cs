using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.TestSupport.Sources;

/// <summary>
/// The store of an etcd: revisions, transactions, history and compaction, with the traps of the real one (3.4). Any thread.
/// </summary>
/// <remarks>
/// A compaction at R keeps of each key what it was at R, so the deletions at R itself are gone although a watch from R
/// is still accepted. An empty store is at revision 1.
/// </remarks>
public sealed class FakeEtcd(ulong clusterId)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, List<SourceEvent>> _keys = new(StringComparer.Ordinal);
    private List<SourceEvent> _log = [];
    private long _revision = 1;
    private long _compacted;

    /// <summary>Raised after each write and compaction.</summary>
    public event Action? Changed;

    public ulong ClusterId { get; } = clusterId;

    public long Revision
    {
        get
        {
            lock (_lock)
            {
                return _revision;
            }
        }
    }

    public long CompactedRevision
    {
        get
        {
            lock (_lock)
            {
                return _compacted;
            }
        }
    }

    public long Put(string key, string value) => Write(SourceWrite.Put(key, value));

    public long Put(string key, byte[] value) => Write(SourceWrite.Put(key, value));

    public long Delete(string key) => Write(SourceWrite.Delete(key));

    /// <summary>
    /// One transaction, one revision. Deleting an absent key has no effect, and without any effect the revision stays.
    /// Returns the revision after it.
    /// </summary>
    public long Write(params ReadOnlySpan<SourceWrite> writes)
    {
        lock (_lock)
        {
            var revision = _revision + 1;
            var before = _log.Count;
            foreach (var write in writes)
            {
                var versions = _keys.TryGetValue(write.Key, out var known) ? known : _keys[write.Key] = [];
                SourceEvent? last = versions.Count > 0 && !versions[^1].IsDelete ? versions[^1] : null;
                if (last?.ModRevision == revision || (versions.Count > 0 && versions[^1].ModRevision == revision))
                {
                    throw new ArgumentException($"duplicate key {write.Key} in one transaction", nameof(writes));
                }

                if (write.Value is null && last is null)
                {
                    continue;
                }

                var created = write.Value is null ? 0 : last?.CreateRevision ?? revision;
                var entry = new SourceEvent(write.Key, write.Value, revision, created);
                versions.Add(entry);
                _log.Add(entry);
            }

            if (_log.Count == before)
            {
                return _revision;
            }

            _revision = revision;
        }

        Changed?.Invoke();
        return Revision;
    }

    /// <summary>Forgets the history before a revision.</summary>
    public void Compact(long revision)
    {
        lock (_lock)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(revision, _revision);
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(revision, _compacted);
            _compacted = revision;
            foreach (var versions in _keys.Values)
            {
                var last = versions.FindLastIndex(e => e.ModRevision <= revision);
                if (last >= 0)
                {
                    versions.RemoveRange(0, versions[last].IsDelete ? last + 1 : last);
                }
            }

            _log = [.. _log.Where(e => e.ModRevision > revision || _keys[e.Key].Contains(e))];
        }

        Changed?.Invoke();
    }

    /// <summary>One page as of a revision; 0 = now.</summary>
    public SourcePage List(SourceRange range, string? fromKey, long revision, int limit)
    {
        lock (_lock)
        {
            var at = revision == 0 ? _revision : revision;
            if (at > _revision)
            {
                throw new SourceException(SourcePhase.List, $"revision {at} is in the future, the store is at {_revision}");
            }

            ThrowIfCompacted(SourcePhase.List, at);
            var found = new List<SourceEntry>();
            foreach (var (key, versions) in _keys)
            {
                if (!Contains(range, key) || (fromKey is not null && string.CompareOrdinal(key, fromKey) < 0))
                {
                    continue;
                }

                var i = versions.FindLastIndex(e => e.ModRevision <= at);
                if (i < 0 || versions[i].IsDelete)
                {
                    continue;
                }

                if (found.Count == limit)
                {
                    return new(found, at, found[^1].Key + '\0');
                }

                found.Add(new(key, versions[i].Value!, versions[i].ModRevision, versions[i].CreateRevision));
            }

            return new(found, at, null);
        }
    }

    /// <summary>Events of a range from a revision on, whole revisions, at most about <paramref name="limit"/>.</summary>
    public IReadOnlyList<SourceEvent> Events(SourceRange range, long from, int limit)
    {
        lock (_lock)
        {
            ThrowIfCompacted(SourcePhase.Watch, from);
            var found = new List<SourceEvent>();
            for (var i = FirstAt(from); i < _log.Count; i++)
            {
                if (!Contains(range, _log[i].Key))
                {
                    continue;
                }

                if (found.Count >= limit && found[^1].ModRevision != _log[i].ModRevision)
                {
                    break;
                }

                found.Add(_log[i]);
            }

            return found;
        }
    }

    private static bool Contains(SourceRange range, string key) => range.End.Length == 0
        ? key == range.Start
        : string.CompareOrdinal(key, range.Start) >= 0 && string.CompareOrdinal(key, range.End) < 0;

    private int FirstAt(long revision)
    {
        var (low, high) = (0, _log.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _log[middle].ModRevision < revision ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void ThrowIfCompacted(SourcePhase phase, long revision)
    {
        if (revision < _compacted)
        {
            throw new SourceException(phase, $"revision {revision} has been compacted, the oldest is {_compacted}") { IsCompacted = true };
        }
    }
}
