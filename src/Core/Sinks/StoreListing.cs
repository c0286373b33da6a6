using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Sinks;

/// <summary>What the store holds of one cluster, collected range by range and page by page.</summary>
internal sealed class StoreListing(ClusterName cluster)
{
    private const int ConfigRange = 0;
    private const int CanaryRange = 1;

    private readonly IReadOnlyList<SourceRange> _ranges = SinkKeys.Ranges(cluster);
    private readonly Dictionary<string, StoreEntry> _singles = [];
    private readonly Dictionary<MeshKey, StoreEntry> _data = [];
    private int _range;

    public SourceRange Range => _ranges[_range];

    /// <summary>Where the range's next page starts; null = at its start.</summary>
    public string? FromKey { get; private set; }

    public bool IsComplete => _range == _ranges.Count;

    /// <summary>Data that nothing asked for.</summary>
    public IEnumerable<KeyValuePair<MeshKey, StoreEntry>> Unclaimed => _data;

    public void Add(StorePage page)
    {
        foreach (var entry in page.Entries)
        {
            if (_range is ConfigRange or CanaryRange)
            {
                _singles.Add(entry.Key, entry);
            }
            else
            {
                var kind = SinkKeys.Resources[_range - CanaryRange - 1];
                _data.Add(new MeshKey(kind, entry.Key[_ranges[_range].Start.Length..]), entry);
            }
        }

        FromKey = page.NextKey;
        _range += FromKey is null ? 1 : 0;
    }

    /// <summary>What the store holds of an entry; asked once.</summary>
    public StoreEntry? Take(SinkEntry entry)
    {
        var found = entry.IsData ? _data.Remove(entry.Key, out var data) ? data : (StoreEntry?)null
            : _singles.Remove(entry.StoreKey, out var single) ? single : null;
        return found;
    }
}
