using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <summary>One resource of a <see cref="SourceReplica"/>: what is held, up to where it is complete, and a list that is being read.</summary>
internal sealed class ResourceReplica(ResourceKind kind)
{
    private readonly Dictionary<string, HeldEntry> _held = [];
    private Dictionary<string, HeldEntry>? _listed;

    // The history to which the revisions in _held belong; another one than the replica's until the resource is listed again.
    private SourceEpoch _epoch;

    // Everything of the resource up to this revision of _epoch is in _held.
    private long _completeTo;
    private long _skippedTo;
    // The last revision of the present history at which something of the resource changed, and the events of it.
    private long _changedAt;
    private readonly List<ulong> _changes = [];

    public ResourceKind Kind => kind;

    public int Count => _held.Count;

    public IReadOnlyCollection<string> Names => _held.Keys;

    /// <summary>The bytes of everything that is held, names and values.</summary>
    public long Bytes { get; private set; }

    /// <summary>Keys of the list that is being read.</summary>
    public int ListedCount => _listed?.Count ?? 0;

    /// <summary>The bytes of the list that is being read, names and values.</summary>
    public long ListedBytes { get; private set; }

    /// <summary>The bytes of a key that is held, name and value; null if it is not.</summary>
    public long? SizeOf(string name) => _held.TryGetValue(name, out var held) ? SizeOf(name, held) : null;

    /// <summary>The event is neither of what is listed later nor known already.</summary>
    public bool Awaits(in SourceEvent change) => IsSynced && change.ModRevision > _completeTo;

    /// <summary>The sum over everything that is held.</summary>
    public ulong Fingerprint { get; private set; }

    /// <summary>The source says that the resource is complete: it may be listed.</summary>
    public bool IsReady { get; set; }

    /// <summary>Listed in the present history, so watch events apply.</summary>
    public bool IsSynced { get; private set; }

    /// <summary>And on the present connection the source has shown that it still holds.</summary>
    public bool IsProved { get; set; }

    /// <summary>The lowest revision at which a list misses nothing that the watch has already passed.</summary>
    public long LowestListRevision(SourceEpoch epoch) => Math.Max(_skippedTo, epoch == _epoch ? _completeTo : 0);

    public void BeginResync()
    {
        IsReady = false;
        IsSynced = false;
        _skippedTo = 0;
        _listed = null;
        ForgetChanges();
    }

    /// <summary>The history to which the revisions of what is held belong.</summary>
    public SourceEpoch Epoch => _epoch;

    /// <summary>Everything up to this revision of the history is held.</summary>
    public long CompletedTo => _completeTo;

    /// <summary>What has to come first if a watch starts at its revision; null if nothing is known to.</summary>
    public SourceAnchor? LastChange => _changedAt == 0 ? null : new(_changedAt, [.. _changes]);

    /// <summary>What is known, to be kept.</summary>
    public ResourceCheckpoint Checkpoint() => new(kind, _epoch, _completeTo, IsSynced, LastChange);

    /// <summary>The key is held exactly like this.</summary>
    public bool Holds(string name, in SourceEntry entry) =>
        _held.TryGetValue(name, out var held)
        && held.HasSameRevisions(new(entry.Value, entry.ModRevision, entry.CreateRevision))
        && held.Value.AsSpan().SequenceEqual(entry.Value);

    /// <summary>A key of this revision is held that has one of these fingerprints.</summary>
    public bool HoldsAny(IReadOnlyList<ulong> fingerprints, long revision) =>
        _held.Any(held => held.Value.ModRevision == revision && fingerprints.Contains(FingerprintOf(held.Key, held.Value)));

    /// <summary>The key that was changed last up to a revision, of those that are held; default if there is none.</summary>
    public (MeshKey Key, ulong Fingerprint, long ModRevision) FindLast(long revision)
    {
        var (name, last) = _held.Where(held => held.Value.ModRevision <= revision).DefaultIfEmpty().MaxBy(held => held.Value.ModRevision);
        return name is null ? default : (new(kind, name), FingerprintOf(name, last), last.ModRevision);
    }

    /// <summary>
    /// A change that must be known already is not so here. Another history, if a put is: etcd loses puts to nobody. One of a
    /// key that is not held may have been followed by a deletion: a list has to tell.
    /// </summary>
    public bool Contradicts(string name, in SourceEvent change, out bool anotherHistory)
    {
        anotherHistory = false;
        if (change.ModRevision > _completeTo)
        {
            return false;
        }

        var known = _held.TryGetValue(name, out var held);
        if (change.Value is null)
        {
            return known && held.ModRevision <= change.ModRevision;
        }

        if (!known || held.ModRevision > change.ModRevision)
        {
            return !known;
        }

        anotherHistory = !Holds(name, new(name, change.Value, change.ModRevision, change.CreateRevision));
        return anotherHistory;
    }

    /// <summary>Takes over what was kept.</summary>
    public void Restore(ResourceCheckpoint checkpoint, IEnumerable<MeshChange> entries)
    {
        foreach (var entry in entries)
        {
            Put(entry.Key.Name, new(entry.Value!, entry.Revision, entry.CreateRevision));
        }

        (_epoch, _completeTo) = (checkpoint.Epoch, checkpoint.CompleteTo);
        IsReady = IsSynced = checkpoint.IsSynced;
        if (checkpoint.LastChange is { } change)
        {
            _changedAt = change.Revision;
            _changes.AddRange(change.Events);
        }
    }

    public void BeginList() => (_listed, ListedBytes) = ([], 0);

    public void AbortList() => _listed = null;

    public void Stage(string name, in SourceEntry entry)
    {
        var listed = new HeldEntry(entry.Value, entry.ModRevision, entry.CreateRevision);
        ListedBytes += SizeOf(name, listed) - (_listed!.TryGetValue(name, out var known) ? SizeOf(name, known) : 0);
        _listed[name] = listed;
    }

    /// <summary>
    /// What in the list cannot be if the history is still <paramref name="epoch"/>: everything up to the revision at which
    /// the resource was complete is known, so nothing that old can be new or different, nor be said to have been created
    /// that early. Null if there is no such thing.
    /// </summary>
    public string? FindContradiction(SourceEpoch epoch, long revision)
    {
        if (epoch != _epoch)
        {
            return null;
        }

        foreach (var (name, listed) in _listed!)
        {
            var known = _held.TryGetValue(name, out var held);
            var unchanged = known && held.HasSameRevisions(listed) && held.HasSameValue(listed);
            var createdBefore = known && held.CreateRevision == listed.CreateRevision;
            if ((listed.ModRevision <= _completeTo && !unchanged) || (listed.CreateRevision <= _completeTo && !createdBefore))
            {
                return $"{new MeshKey(kind, name)}, created at {listed.CreateRevision} and changed at {listed.ModRevision}, "
                    + $"was not there like that at {_completeTo}";
            }
        }

        return revision == _completeTo && _listed.Count != _held.Count
            ? $"{kind} had {_held.Count} keys at {revision} and now has {_listed.Count} there"
            : null;
    }

    /// <summary>Takes the list over, and tells what it changes. Of another history every key is put: its revisions are new.</summary>
    public void EndList(SourceEpoch epoch, long revision, List<MeshChange> puts, List<MeshChange> deletes)
    {
        var sameEpoch = epoch == _epoch;
        foreach (var (name, _) in _held)
        {
            if (!_listed!.ContainsKey(name))
            {
                deletes.Add(new(new(kind, name), null, revision, 0));
                Remove(name);
            }
        }

        foreach (var (name, entry) in _listed!)
        {
            var listed = entry;
            if (_held.TryGetValue(name, out var held))
            {
                if (sameEpoch && held.HasSameRevisions(listed))
                {
                    continue;
                }

                if (held.HasSameValue(listed))
                {
                    // One array for everybody who holds the value.
                    listed = listed with { Value = held.Value };
                }
            }

            Put(name, listed);
            puts.Add(new(new(kind, name), listed.Value, listed.ModRevision, listed.CreateRevision));
        }

        (_epoch, _completeTo, _listed, IsSynced, IsProved) = (epoch, revision, null, true, true);
        NoteListed();
    }

    /// <summary>The source does not offer the resource any more.</summary>
    public void Drop(long revision, List<MeshChange> deletes)
    {
        deletes.AddRange(_held.Keys.Select(name => new MeshChange(new(kind, name), null, revision, 0)));
        _held.Clear();
        (_epoch, _completeTo, Fingerprint, Bytes) = (default, 0, 0, 0);
        ForgetChanges();
    }

    /// <summary>What is held belongs to another history than was thought: the same keys, put again as of that one.</summary>
    public void Adopt(SourceEpoch epoch, List<MeshChange> puts)
    {
        _epoch = epoch;
        puts.AddRange(_held.Select(held => new MeshChange(new(kind, held.Key), held.Value.Value, held.Value.ModRevision, held.Value.CreateRevision)));
    }

    /// <summary>Applies an event, or says false if it changes nothing: not listed yet, already in the list, or a delete of nothing.</summary>
    public bool TryApply(string name, in SourceEvent change, out MeshChange result)
    {
        result = default;
        Note(change.ModRevision, SourceFingerprint.Of(new(kind, name), change.Value, change.ModRevision, change.CreateRevision));
        if (!IsSynced)
        {
            _skippedTo = Math.Max(_skippedTo, change.ModRevision);
            return false;
        }

        if (change.ModRevision <= _completeTo)
        {
            return false;
        }

        if (change.Value is null)
        {
            result = new(new(kind, name), null, change.ModRevision, 0);
            return Remove(name);
        }

        Put(name, new(change.Value, change.ModRevision, change.CreateRevision));
        result = new(new(kind, name), change.Value, change.ModRevision, change.CreateRevision);
        return true;
    }

    /// <summary>Everything up to a revision has been delivered. Called after a batch, as its last revision may hold several keys.</summary>
    public void CompleteTo(long revision)
    {
        if (IsSynced)
        {
            _completeTo = Math.Max(_completeTo, revision);
        }
    }

    private void Put(string name, in HeldEntry entry)
    {
        Remove(name);
        _held[name] = entry;
        Bytes += SizeOf(name, entry);
        Fingerprint += FingerprintOf(name, entry);
    }

    private bool Remove(string name)
    {
        if (!_held.Remove(name, out var held))
        {
            return false;
        }

        Bytes -= SizeOf(name, held);
        Fingerprint -= FingerprintOf(name, held);
        return true;
    }

    // Cilium's names are ASCII: a character is a byte.
    private static long SizeOf(string name, in HeldEntry entry) => name.Length + entry.Value.Length;

    private ulong FingerprintOf(string name, in HeldEntry entry) =>
        SourceFingerprint.Of(new(kind, name), entry.Value, entry.ModRevision, entry.CreateRevision);

    private void Note(long revision, ulong change)
    {
        if (revision > _changedAt)
        {
            ForgetChanges();
            _changedAt = revision;
        }

        if (revision == _changedAt && !_changes.Contains(change))
        {
            _changes.Add(change);
        }
    }

    private void NoteListed()
    {
        var last = _held.Count == 0 ? 0 : _held.Values.Max(entry => entry.ModRevision);
        foreach (var (name, entry) in _held)
        {
            if (entry.ModRevision == last)
            {
                Note(last, FingerprintOf(name, entry));
            }
        }
    }

    private void ForgetChanges()
    {
        _changedAt = 0;
        _changes.Clear();
    }
}
