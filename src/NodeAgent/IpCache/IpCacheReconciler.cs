using KvStoreMesh.NodeAgent.Datapath;

namespace KvStoreMesh.NodeAgent.IpCache;

/// <summary>
/// Brings the ipcache map to what the table says.
/// </summary>
/// <remarks>
/// Rows found at the start that nothing has claimed yet are <i>retained</i> until <see cref="ReleaseRetained"/>. Rows are put
/// before others are deleted. Not thread-safe: owned by the apply loop.
/// </remarks>
public sealed class IpCacheReconciler
{
    private readonly IIpCacheMap _map;
    private readonly Func<IpPrefix, IpCacheEntry?> _wanted;
    private readonly HashSet<IpPrefix> _dirty = [];
    private readonly HashSet<IpPrefix> _failed = [];
    private readonly HashSet<IpPrefix> _retained;
    private Dictionary<IpPrefix, IpCacheEntry> _known;

    /// <summary>Creates the reconciler and adopts what the map holds.</summary>
    /// <param name="map">The map.</param>
    /// <param name="wanted">The row a prefix should have; null: none.</param>
    public IpCacheReconciler(IIpCacheMap map, Func<IpPrefix, IpCacheEntry?> wanted)
    {
        ArgumentNullException.ThrowIfNull(map);
        _map = map;
        _wanted = wanted;
        _known = map.Read();
        _retained = [.. _known.Keys];
    }

    /// <summary>What the map holds.</summary>
    public IReadOnlyDictionary<IpPrefix, IpCacheEntry> Known => _known;

    /// <summary>Rows adopted from the map that nothing has claimed yet.</summary>
    public int Retained => _retained.Count;

    /// <summary>Rows that are not as wanted yet.</summary>
    public int Pending => _dirty.Count + _failed.Count;

    /// <summary>Says which rows may have changed. Takes effect with <see cref="Flush"/>.</summary>
    public void Mark(IEnumerable<IpPrefix> prefixes) => _dirty.UnionWith(prefixes);

    /// <summary>Gives up the adopted rows that nothing has claimed and that <paramref name="isComplete"/> says nobody will.</summary>
    public void ReleaseRetained(Func<IpCacheEntry, bool> isComplete)
    {
        foreach (var prefix in _retained.Where(prefix => !_known.TryGetValue(prefix, out var entry) || isComplete(entry)).ToList())
        {
            _retained.Remove(prefix);
            _dirty.Add(prefix);
        }
    }

    /// <summary>Writes what changed; returns null, or what failed. What failed waits for a change of its own or <see cref="Reread"/>.</summary>
    public string? Flush()
    {
        List<KeyValuePair<IpPrefix, IpCacheEntry>> puts = [];
        List<IpPrefix> deletes = [];
        foreach (var prefix in _dirty)
        {
            var isKnown = _known.TryGetValue(prefix, out var known);
            if (_wanted(prefix) is { } wanted)
            {
                _retained.Remove(prefix);
                if (!isKnown || known != wanted)
                {
                    puts.Add(new(prefix, wanted));
                }
            }
            else if (isKnown && !_retained.Contains(prefix))
            {
                deletes.Add(prefix);
            }
        }

        _failed.ExceptWith(_dirty);
        _dirty.Clear();
        var error = Put(puts);
        if (Delete(deletes) is { } deleteError)
        {
            error ??= deleteError;
        }

        return error is null ? null : $"ipcache: {error} ({_failed.Count} rows are not as they should be)";
    }

    /// <summary>Reads the map again and repairs whatever differs.</summary>
    /// <param name="all">Every prefix that should have a row.</param>
    public string? Reread(IEnumerable<IpPrefix> all)
    {
        _known = _map.Read();
        _dirty.UnionWith(_known.Keys);
        _dirty.UnionWith(all);
        return Flush();
    }

    private string? Put(List<KeyValuePair<IpPrefix, IpCacheEntry>> rows) =>
        WriteEach(rows, _map.Put, row => _known[row.Key] = row.Value, row => row.Key);

    private string? Delete(List<IpPrefix> prefixes) => WriteEach(prefixes, _map.Delete, prefix => _known.Remove(prefix), prefix => prefix);

    /// <summary>In batches; a row that fails is left pending and the rest goes on, since a full map still takes overwrites.</summary>
    private string? WriteEach<T>(
        List<T> rows, Func<IReadOnlyList<T>, WriteResult> write, Action<T> applied, Func<T, IpPrefix> prefixOf)
    {
        string? error = null;
        for (var done = 0; done < rows.Count;)
        {
            var result = write(done == 0 ? rows : rows.GetRange(done, rows.Count - done));
            for (var end = done + result.Applied; done < end; done++)
            {
                applied(rows[done]);
            }

            if (result.Error is not null)
            {
                error ??= result.Error;
                _failed.Add(prefixOf(rows[done]));
                done++;
            }
        }

        return error;
    }
}
