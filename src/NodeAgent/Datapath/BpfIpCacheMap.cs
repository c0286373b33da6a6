using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.IpCache;
using KvStoreMesh.Bpf.Syscalls;
using KvStoreMesh.NodeAgent.IpCache;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>The ipcache in the kernel.</summary>
internal sealed class BpfIpCacheMap(BpfMap<IpCacheKey, RemoteEndpointInfo> map) : IIpCacheMap
{
    public Dictionary<IpPrefix, IpCacheEntry> Read()
    {
        Dictionary<IpPrefix, IpCacheEntry> rows = [];
        foreach (var (key, info) in map.Entries())
        {
            // Rows of overlapping clusters' addresses are not this agent's: it never writes them.
            if (key.ClusterId == 0 && BpfLayouts.IsPrefix(key))
            {
                rows[BpfLayouts.Key(key)] = BpfLayouts.Entry(info);
            }
        }

        return rows;
    }

    public WriteResult Put(IReadOnlyList<KeyValuePair<IpPrefix, IpCacheEntry>> rows)
    {
        var keys = new IpCacheKey[rows.Count];
        var values = new RemoteEndpointInfo[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            keys[i] = BpfLayouts.Key(rows[i].Key);
            values[i] = BpfLayouts.Entry(rows[i].Value);
        }

        return Try(() => map.UpdateBatch(keys, values), rows.Count);
    }

    public WriteResult Delete(IReadOnlyList<IpPrefix> prefixes)
    {
        var keys = new IpCacheKey[prefixes.Count];
        for (var i = 0; i < prefixes.Count; i++)
        {
            keys[i] = BpfLayouts.Key(prefixes[i]);
        }

        return Try(() => map.DeleteBatch(keys), prefixes.Count);
    }

    private static WriteResult Try(Action write, int count)
    {
        try
        {
            write();
            return new(count, null);
        }
        catch (BpfException failure)
        {
            return new(failure.Completed, failure.Message);
        }
    }
}
