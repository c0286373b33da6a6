using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.NodeAgent.Datapath;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>Brings one endpoint's policy map to what is wanted: first what is to be added, and of that denials first, and later what is to go.</summary>
/// <remarks>
/// Between the two the ipcache is written: an identity has its entries before an address leads to it, and keeps them until none does.
/// Entries found at the start that nobody wants are <i>retained</i> until <see cref="Release"/>. Not thread-safe: owned by the apply loop.
/// </remarks>
public sealed class PolicyMapWriter
{
    private readonly IPolicyMap _map;
    private readonly Dictionary<uint, IReadOnlyDictionary<PolicyKey, PolicyEntry>> _wanted = [];
    private readonly HashSet<PolicyKey> _dirty = [];
    private readonly HashSet<PolicyKey> _retained;
    private Dictionary<PolicyKey, PolicyEntry> _known;

    /// <summary>Adopts what the map holds.</summary>
    public PolicyMapWriter(IPolicyMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        _map = map;
        _known = map.Read();
        _retained = [.. _known.Keys];
        WasAdopted = _known.Count > 0;
    }

    /// <summary>The map held entries of an earlier run.</summary>
    public bool WasAdopted { get; }

    /// <summary>What the map holds.</summary>
    public IReadOnlyDictionary<PolicyKey, PolicyEntry> Known => _known;

    /// <summary>Adopted entries that nobody wants yet.</summary>
    public int Retained => _retained.Count;

    /// <summary>Entries that are not as wanted.</summary>
    public int Pending => _dirty.Count;

    /// <summary>Says what an identity should have; nothing is written yet.</summary>
    public void Want(uint identity, IReadOnlyDictionary<PolicyKey, PolicyEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (_wanted.TryGetValue(identity, out var before))
        {
            _dirty.UnionWith(before.Keys);
        }

        _dirty.UnionWith(entries.Keys);
        _retained.ExceptWith(entries.Keys);
        if (entries.Count == 0)
        {
            _wanted.Remove(identity);
        }
        else
        {
            _wanted[identity] = entries;
        }
    }

    /// <summary>The identities that should have entries.</summary>
    public IReadOnlyCollection<uint> Identities => _wanted.Keys;

    /// <summary>Gives up adopted entries of identities of which nothing more will be heard.</summary>
    public void Release(Func<uint, bool> isComplete)
    {
        foreach (var key in _retained.Where(key => isComplete(key.Identity)).ToList())
        {
            _retained.Remove(key);
            _dirty.Add(key);
        }
    }

    /// <summary>Writes what is missing or differs; returns null, or what failed. What failed is tried again with the next call.</summary>
    public string? Put()
    {
        List<KeyValuePair<PolicyKey, PolicyEntry>> puts = [];
        foreach (var key in _dirty.ToList())
        {
            if (Wanted(key) is not { } wanted)
            {
                continue;
            }

            if (_known.TryGetValue(key, out var known) && known == wanted)
            {
                _dirty.Remove(key);
            }
            else
            {
                puts.Add(new(key, wanted));
            }
        }

        puts.Sort((a, b) => b.Value.Precedence.CompareTo(a.Value.Precedence));
        var result = _map.Put(puts);
        foreach (var (key, entry) in puts.Take(result.Applied))
        {
            _known[key] = entry;
            _dirty.Remove(key);
        }

        return result.Error;
    }

    /// <summary>Deletes what is not wanted; returns null, or what failed.</summary>
    public string? Delete()
    {
        List<PolicyKey> deletes = [];
        foreach (var key in _dirty.Where(key => Wanted(key) is null).ToList())
        {
            if (_known.ContainsKey(key) && !_retained.Contains(key))
            {
                deletes.Add(key);
            }
            else
            {
                _dirty.Remove(key);
            }
        }

        var result = _map.Delete(deletes);
        foreach (var key in deletes.Take(result.Applied))
        {
            _known.Remove(key);
            _dirty.Remove(key);
        }

        return result.Error;
    }

    /// <summary>Reads the map again, so that the next writes repair whatever differs.</summary>
    public void Reread()
    {
        _known = _map.Read();
        _retained.IntersectWith(_known.Keys);
        _dirty.UnionWith(_known.Keys.Where(key => !_retained.Contains(key)));
        _dirty.UnionWith(_wanted.Values.SelectMany(entries => entries.Keys));
    }

    private PolicyEntry? Wanted(PolicyKey key) =>
        _wanted.TryGetValue(key.Identity, out var entries) && entries.TryGetValue(key, out var entry) ? entry : null;
}
