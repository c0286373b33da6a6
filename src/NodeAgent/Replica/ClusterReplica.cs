using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Subscription;

namespace KvStoreMesh.NodeAgent.Replica;

/// <summary>One cluster as the agent holds it: raw values by key, and how good they are.</summary>
public sealed class ClusterReplica
{
    private readonly HashSet<ResourceKind> _synced = [];
    private readonly int[] _counts = new int[(int)ResourceKind.ServiceExports + 1];
    private readonly Dictionary<MeshKey, ReplicaEntry> _entries = [];

    // Held since before the daemon began to send the cluster anew, and not sent by it since.
    private HashSet<MeshKey> _unconfirmed = [];

    internal ClusterReplica(ClusterName name) => Name = name;

    /// <summary>The cluster.</summary>
    public ClusterName Name { get; }

    /// <summary>The daemon of the current session knows the cluster. If not, what is held is what an earlier one sent.</summary>
    public bool IsAnnounced { get; internal set; }

    /// <summary>The start of the daemon that announced the cluster last; empty if none did.</summary>
    public string AnnouncedBy { get; internal set; } = string.Empty;

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

    /// <summary>These resources are complete: what they hold that was not sent again is gone at the source.</summary>
    internal void Sync(IReadOnlyList<ResourceKind> kinds, List<ReplicaChange> changes)
    {
        _synced.UnionWith(kinds);
        foreach (var key in _unconfirmed.Where(key => kinds.Contains(key.Kind)).ToList())
        {
            _unconfirmed.Remove(key);
            Forget(key);
            changes.Add(new(Name, key, null, 0));
        }
    }

    internal void Unsync() => _synced.Clear();

    /// <summary>All content follows. Until a resource is synced it may be a part only, so what is held stays.</summary>
    internal void ExpectAll()
    {
        Unsync();

        // The config is no resource that is ever called synced; it goes with the cluster.
        _unconfirmed = [.. _entries.Keys.Where(key => key.Kind != ResourceKind.ClusterConfig)];
    }

    internal ReplicaChange? Apply(in MeshRecord record)
    {
        Revision = Math.Max(Revision, record.Revision);
        _unconfirmed.Remove(record.Key);
        if (record.Value is not { } value)
        {
            return Forget(record.Key) ? new(Name, record.Key, null, record.Seq) : null;
        }

        var isKnown = _entries.TryGetValue(record.Key, out var known);
        _entries[record.Key] = new(value, record.Revision);
        _counts[(int)record.Key.Kind] += isKnown ? 0 : 1;
        return isKnown && known.Value.Span.SequenceEqual(value.Span) ? null : new(Name, record.Key, value, record.Seq);
    }

    internal void Apply(SnapshotReceived snapshot, List<ReplicaChange> changes)
    {
        ExpectAll();
        Revision = snapshot.Revision;
        foreach (var record in snapshot.Records)
        {
            if (Apply(record) is { } change)
            {
                changes.Add(change);
            }
        }
    }

    private bool Forget(MeshKey key)
    {
        if (!_entries.Remove(key))
        {
            return false;
        }

        _counts[(int)key.Kind]--;
        return true;
    }
}
