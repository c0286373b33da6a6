using Google.Protobuf;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Subscription;
using ResourceKind = KvStoreMesh.Core.Keys.ResourceKind;
using ResumeToken = KvStoreMesh.Protos.V1.ResumeToken;

namespace KvStoreMesh.NodeAgent.Replica;

/// <summary>One cluster as the agent holds it: raw values by key, and how good they are.</summary>
public sealed class ClusterReplica
{
    private static readonly HashSet<ResourceKind> Resources =
        [.. Enum.GetValues<ResourceKind>().Where(kind => kind != ResourceKind.ClusterConfig)];

    private readonly HashSet<ResourceKind> _synced = [];
    private readonly int[] _counts = new int[(int)ResourceKind.ServiceExports + 1];
    private readonly Dictionary<MeshKey, ReplicaEntry> _entries = [];

    // Held since before the daemon began to send the cluster anew, and not sent by it since.
    private HashSet<MeshKey> _unconfirmed = [];

    // Everything up to this revision of the epoch is held, if all was complete in it once.
    private ulong _epoch;
    private long _revision;
    private ulong _fingerprint;
    private bool _isComplete;

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

    /// <summary>What is held, as the daemon counts it too.</summary>
    public ContentDigest Digest { get; private set; }

    /// <summary>Where this cluster stands in the numbers of the daemon that announced it; 0 = nowhere yet.</summary>
    public long Seq { get; internal set; }

    /// <summary>Something else is held than the daemon's digest said: to be sent anew, and no ground to resume from.</summary>
    public bool IsDiverged { get; private set; }

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
        _isComplete |= Resources.IsSubsetOf(_synced);
        foreach (var key in _unconfirmed.Where(key => kinds.Contains(key.Kind)).ToList())
        {
            _unconfirmed.Remove(key);
            Forget(key);
            changes.Add(new(Name, key, null, 0));
        }
    }

    internal void Unsync() => _synced.Clear();

    /// <summary>The history is another one: revisions start anew.</summary>
    internal void EnterEpoch(ulong epoch)
    {
        if (epoch != _epoch)
        {
            Unsync();
            (_epoch, _revision, _fingerprint, _isComplete) = (epoch, 0, 0, false);
        }
    }

    /// <summary>The daemon goes on from where this cluster stands.</summary>
    internal void Resume(in ClusterResumed resumed)
    {
        Seq = resumed.Seq;
        if (resumed.Epoch != 0)
        {
            // What is held is known to be that of the epoch, whatever it was called where it came from.
            _revision = resumed.Revision != 0 ? resumed.Revision : _revision;
            _epoch = resumed.Epoch;
        }
    }

    /// <summary>The daemon says what is to be held now.</summary>
    internal void Compare(ContentDigest? digest)
    {
        // While something waits to be confirmed, more is held than the daemon knows, rightly.
        IsDiverged |= digest is { } told && _unconfirmed.Count == 0 && told != Digest;
    }

    /// <summary>As above, with the source's position of which it holds.</summary>
    internal void Observe(in ClusterFreshnessReport report)
    {
        if (report.Digest is null)
        {
            return;
        }

        Compare(report.Digest);
        (_revision, _fingerprint) = (Math.Max(_revision, report.Revision), report.Fingerprint);
    }

    /// <summary>What a daemon needs to know to go on from here; null if there is nothing to go on from.</summary>
    /// <param name="position">Everything of every cluster up to it is held, in the numbers of the last daemon.</param>
    public ResumeToken? Token(long position) => IsDiverged || _epoch == 0 ? null : new()
    {
        Cluster = Name.Value,
        Epoch = _epoch,
        Revision = _isComplete && _unconfirmed.Count == 0 ? _revision : 0,
        Fingerprint = _fingerprint,
        Digest = ByteString.CopyFrom(Digest.ToBytes()),
        Seq = Seq == 0 ? 0 : Math.Max(Seq, position),
    };

    /// <summary>All content follows. Until a resource is synced it may be a part only, so what is held stays.</summary>
    internal void ExpectAll()
    {
        Unsync();
        _isComplete = false;

        // The config is no resource that is ever called synced; it goes with the cluster.
        _unconfirmed = [.. _entries.Keys.Where(key => key.Kind != ResourceKind.ClusterConfig)];
    }

    internal ReplicaChange? Apply(in MeshRecord record)
    {
        Revision = Math.Max(Revision, record.Revision);
        _revision = Math.Max(_revision, record.Revision);
        _unconfirmed.Remove(record.Key);
        if (record.Value is not { } value)
        {
            return Forget(record.Key) ? new(Name, record.Key, null, record.Seq) : null;
        }

        var isKnown = _entries.TryGetValue(record.Key, out var known);
        _entries[record.Key] = new(value, record.Revision);
        _counts[(int)record.Key.Kind] += isKnown ? 0 : 1;
        if (isKnown && known.Value.Span.SequenceEqual(value.Span))
        {
            return null;
        }

        Digest += ContentDigest.Of(record.Key, value.Span);
        Digest -= isKnown ? ContentDigest.Of(record.Key, known.Value.Span) : default;
        return new(Name, record.Key, value, record.Seq);
    }

    internal void Apply(SnapshotReceived snapshot, List<ReplicaChange> changes)
    {
        EnterEpoch(snapshot.Epoch);
        if (!snapshot.IsDiff)
        {
            ExpectAll();
            IsDiverged = false;
        }

        Revision = snapshot.Revision;
        Seq = snapshot.Seq;
        foreach (var record in snapshot.Records)
        {
            if (Apply(record) is { } change)
            {
                changes.Add(change);
            }
        }

        _revision = Math.Max(_revision, snapshot.Revision);
        if (snapshot.IsDiff)
        {
            Compare(snapshot.Digest);
        }
    }

    private bool Forget(MeshKey key)
    {
        if (!_entries.Remove(key, out var entry))
        {
            return false;
        }

        Digest -= ContentDigest.Of(key, entry.Value.Span);

        _counts[(int)key.Kind]--;
        return true;
    }
}
