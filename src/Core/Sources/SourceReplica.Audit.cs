using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <content>
/// Comparing everything held with the source, without changing it. Each resource is listed at the very revision up to which it
/// is complete, and the watch is not read meanwhile: so what differs is no change under way but drift, by a fault of the source or of ours.
/// </content>
public sealed partial class SourceReplica
{
    private readonly Dictionary<ResourceKind, HashSet<string>> _audited = [];
    private readonly List<MeshKey> _drifted = [];

    /// <summary>Bytes of everything that is held, names and values.</summary>
    public long Bytes => _resources.Sum(resource => resource.Bytes);

    /// <summary>
    /// Starts a comparison. Null: there is nothing to compare now, since the replica is not complete; else the resources, each with the
    /// revision to list it at. A revision that is compacted means that this source cannot be compared before its next change.
    /// </summary>
    public IReadOnlyList<(ResourceKind Kind, long Revision)>? BeginAudit()
    {
        if (Position is null || _resyncing || IsProving || _listing is not null || !IsFullySynced)
        {
            return null;
        }

        _audited.Clear();
        _drifted.Clear();
        return [.. Layout!.Resources.Select(kind => (kind, Of(kind).CompletedTo))];
    }

    /// <summary>Compares a page.</summary>
    public void Audit(ResourceKind kind, SourcePage page)
    {
        var (layout, _) = Resynced();
        var seen = _audited.TryGetValue(kind, out var known) ? known : _audited[kind] = [];
        foreach (var entry in page.Entries)
        {
            if (layout.TryMap(entry.Key, out var key) && key.Kind == kind && !key.Name.Contains(Undecodable))
            {
                seen.Add(key.Name);
                if (!Of(kind).Holds(key.Name, entry))
                {
                    _drifted.Add(key);
                }
            }
        }
    }

    /// <summary>Ends the comparison: the keys that are held otherwise than the source has them, or not at all, or though it does not have them.</summary>
    public IReadOnlyList<MeshKey> EndAudit()
    {
        foreach (var (kind, seen) in _audited)
        {
            _drifted.AddRange(Of(kind).Names.Where(name => !seen.Contains(name)).Select(name => new MeshKey(kind, name)));
        }

        _audited.Clear();
        return [.. _drifted];
    }
}
