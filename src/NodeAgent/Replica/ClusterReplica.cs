using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Subscription;

namespace KvStoreMesh.NodeAgent.Replica;

/// <summary>One cluster as the agent holds it: raw values by key, and how good they are.</summary>
public sealed class ClusterReplica
{
    private readonly HashSet<ResourceKind> _synced = [];
    private readonly int[] _counts = new int[(int)ResourceKind.ServiceExports + 1];
    private Dictionary<MeshKey, ReplicaEntry> _entries = [];

    internal ClusterReplica(ClusterName name) => Name = name;

    /// <summary>The cluster.</summary>
    public ClusterName Name { get; }

    /// <summary>The daemon of the current session knows the cluster. If not, what is held is what an earlier one sent.</summary>
    public bool IsAnnounced { get; internal set; }

    /// <summary>The daemon's connection to the source.</summary>
    public SourceHealth Health { get; internal set; }

    /// <summary>How old the source's last proof of freshness was when the daemon told it.</summary>
    public TimeSpan Age { get; internal set; }

    /// <summary>The highest source revision seen.</summary>
    public long Revision { get; internal set; }

    /// <summary>Keys held.</summary>
    public int Count => _entries.Count;

    /// <summary>Resources of which every key is held.</summary>
    public IReadOnlySet<ResourceKind> Synced => _synced;

    /// <summary>Every key and value held.</summary>
    public IReadOnlyDictionary<MeshKey, ReplicaEntry> Entries => _entries;

    /// <summary>Keys held of one resource.</summary>
    public int CountOf(ResourceKind kind) => _counts[(int)kind];

    internal void Sync(IEnumerable<ResourceKind> kinds) => _synced.UnionWith(kinds);

    internal void Unsync() => _synced.Clear();

    internal ReplicaChange? Apply(in MeshRecord record)
    {
        Revision = Math.Max(Revision, record.Revision);
        if (record.Value is not { } value)
        {
            if (!_entries.Remove(record.Key))
            {
                return null;
            }

            _counts[(int)record.Key.Kind]--;
            return new(Name, record.Key, null, record.Seq);
        }

        var isKnown = _entries.TryGetValue(record.Key, out var known);
        _entries[record.Key] = new(value, record.Revision);
        _counts[(int)record.Key.Kind] += isKnown ? 0 : 1;
        return isKnown && known.Value.Span.SequenceEqual(value.Span) ? null : new(Name, record.Key, value, record.Seq);
    }

    /// <summary>Replaces everything; the changes have puts before deletions, so that a reader adds before it takes away.</summary>
    internal void Replace(SnapshotReceived snapshot, List<ReplicaChange> changes)
    {
        var before = _entries;
        _entries = new(snapshot.Records.Count);
        Array.Clear(_counts);
        Revision = snapshot.Revision;
        foreach (var record in snapshot.Records)
        {
            var isKnown = before.Remove(record.Key, out var known);
            if (Apply(record) is { } change && !(isKnown && known.Value.Span.SequenceEqual(record.Value!.Value.Span)))
            {
                changes.Add(change);
            }
        }

        changes.AddRange(before.Keys.Select(key => new ReplicaChange(Name, key, null, 0)));
    }
}
