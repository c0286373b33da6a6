using System.Diagnostics.CodeAnalysis;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>What waits to be stored of one cluster. Pure; guarded by the <see cref="StateFeed"/>'s lock.</summary>
/// <remarks>
/// A replica that began empty replaces what is stored only when every resource of it is synced: until then the stored state of its
/// predecessor, though older, knows more, and a restart in between would lose it.
/// </remarks>
internal sealed class StateFeedCluster(ClusterName name)
{
    private Dictionary<MeshKey, MeshChange> _changes = [];
    private SourceCheckpoint? _checkpoint;
    private byte[]? _written;
    private DateTimeOffset _provedAt;
    private int _deletes;
    private bool _replaces;
    private bool _dirty;
    private bool _forget;
    private bool _underWay;

    /// <summary>The store holds something of it, or may.</summary>
    public bool IsStored { get; private set; }

    /// <summary>Its changes were given up.</summary>
    public bool WantsContent { get; private set; }

    /// <summary>Something has changed that is not stored.</summary>
    public bool IsBehind => BehindSince is not null;

    /// <summary>Since when.</summary>
    public DateTimeOffset? BehindSince { get; private set; }

    /// <summary>The proof of what is stored; null if nothing is.</summary>
    public DateTimeOffset? StoredProof { get; private set; }

    public int PendingKeys => _changes.Count;

    // Nothing of the offered resources is missing in this history.
    private bool IsComplete => _checkpoint is { } checkpoint && Offered(checkpoint).All(
        resource => resource.IsSynced && resource.Epoch == checkpoint.Position.Epoch);

    public void Loaded(StoredCluster stored)
    {
        if (_written is { } written && !stored.Checkpoint.AsSpan().SequenceEqual(written))
        {
            Lost();
        }

        (IsStored, StoredProof) = (true, stored.ProvedAt);
    }

    /// <summary>The store does not hold what was written to it last: changes on top of that would be half a state.</summary>
    public void Lost()
    {
        (IsStored, StoredProof, _written) = (false, null, null);
        if (_checkpoint is not null && !_replaces)
        {
            (_changes, _deletes, WantsContent) = ([], 0, true);
        }
    }

    public void Restored(SourceCheckpoint checkpoint, byte[] stored) =>
        (_checkpoint, _written, _provedAt) = (checkpoint, stored, StoredProof ?? default);

    public void Applied(ClusterDelta delta, SourceCheckpoint? checkpoint, bool startsAnew, DateTimeOffset now, int maxDeletes)
    {
        if (startsAnew)
        {
            (_changes, _deletes, _replaces, WantsContent) = ([], 0, true, false);
        }

        (_dirty, _checkpoint, _provedAt) = (true, checkpoint, now);
        BehindSince ??= now;
        if (WantsContent)
        {
            return;
        }

        foreach (var change in delta.Changes)
        {
            Note(change);
        }

        if (_deletes > maxDeletes)
        {
            (_changes, _deletes, _replaces, WantsContent) = ([], 0, false, true);
        }
    }

    public void Proved(DateTimeOffset at, TimeSpan interval)
    {
        if (_checkpoint is null || at <= _provedAt)
        {
            return;
        }

        _provedAt = at;
        _dirty |= StoredProof is { } stored && at - stored >= interval;
    }

    public void Removed()
    {
        // Told apart from what follows: the name may be configured again before the store has forgotten it.
        (_changes, _deletes, _checkpoint, _replaces, _dirty, _forget, WantsContent) = ([], 0, null, false, false, true, false);
    }

    public void Refill(IReadOnlyList<MeshChange> entries)
    {
        // The cache holds what the replica does once all is synced; the fingerprint says whether that is so now.
        var data = entries.Where(entry => entry.Key.Kind != ResourceKind.ClusterConfig);
        if (WantsContent && IsComplete
            && data.Aggregate(0UL, (sum, entry) => sum + SourceFingerprint.Of(entry.Key, entry.Value, entry.Revision, entry.CreateRevision))
                == _checkpoint!.Position.Fingerprint)
        {
            (_changes, _deletes, _replaces, WantsContent, _dirty) = (entries.ToDictionary(entry => entry.Key), 0, true, false, true);
        }
    }

    public bool TryTake(ClusterName cluster, [NotNullWhen(true)] out StateWrite? write)
    {
        write = null;
        if (_underWay)
        {
            return false;
        }

        if (_forget)
        {
            (_forget, _underWay) = (false, true);
            write = new(cluster, true, [], null, default);
            return true;
        }

        if (!_dirty || WantsContent || _checkpoint is not { } checkpoint || (_replaces && IsStored && !IsComplete))
        {
            return false;
        }

        write = new(cluster, _replaces, _changes, checkpoint, _provedAt);
        (_changes, _deletes, _replaces, _dirty, _underWay) = ([], 0, false, false, true);
        return true;
    }

    /// <returns>True if nothing is left to know of the cluster.</returns>
    public bool Written(StateWrite write)
    {
        _underWay = false;
        IsStored = write.Checkpoint is not null;
        _written = write.Bytes;
        StoredProof = IsStored ? write.ProvedAt : null;
        if (!_dirty)
        {
            BehindSince = null;
        }

        return !IsStored && !_dirty && _checkpoint is null && !_forget;
    }

    public void Return(StateWrite write)
    {
        _underWay = false;
        if (write.Checkpoint is null)
        {
            _forget = true;
            return;
        }

        if (_forget || _replaces || WantsContent)
        {
            return;
        }

        var newer = _changes;
        (_changes, _replaces, _dirty) = (write.Changes, write.Replaces, true);
        _deletes = _changes.Values.Count(change => change.IsDelete);
        foreach (var change in newer.Values)
        {
            Note(change);
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"{name}: {_changes.Count} keys";

    private void Note(in MeshChange change)
    {
        if (_changes.Remove(change.Key, out var old) && old.IsDelete)
        {
            _deletes--;
        }

        // Of what replaces everything a deletion is the absence of a put.
        if (!change.IsDelete || !_replaces)
        {
            _changes.Add(change.Key, change);
            _deletes += change.IsDelete ? 1 : 0;
        }
    }

    private static IEnumerable<ResourceCheckpoint> Offered(SourceCheckpoint checkpoint)
    {
        if (!CiliumClusterConfig.TryParse(checkpoint.Config.Value, out var config, out _))
        {
            return [];
        }

        var resources = new SourceLayout(checkpoint.Cluster, config.Capabilities).Resources;
        return checkpoint.Resources.Where(resource => resources.Contains(resource.Kind));
    }
}
