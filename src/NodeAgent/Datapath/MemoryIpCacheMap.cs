using KvStoreMesh.NodeAgent.IpCache;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>The ipcache in memory: as the kernel's, a full map still takes overwrites.</summary>
internal sealed class MemoryIpCacheMap(int maxEntries) : IIpCacheMap
{
    private readonly Dictionary<IpPrefix, IpCacheEntry> _rows = [];

    public Dictionary<IpPrefix, IpCacheEntry> Read() => new(_rows);

    public WriteResult Put(IReadOnlyList<KeyValuePair<IpPrefix, IpCacheEntry>> rows)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (_rows.Count >= maxEntries && !_rows.ContainsKey(rows[i].Key))
            {
                return new(i, $"the map is full ({maxEntries} entries)");
            }

            _rows[rows[i].Key] = rows[i].Value;
        }

        return new(rows.Count, null);
    }

    public WriteResult Delete(IReadOnlyList<IpPrefix> prefixes)
    {
        foreach (var prefix in prefixes)
        {
            _rows.Remove(prefix);
        }

        return new(prefixes.Count, null);
    }
}
