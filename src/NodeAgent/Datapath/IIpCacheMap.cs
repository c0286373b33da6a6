using KvStoreMesh.NodeAgent.IpCache;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>The map <c>cilium_ipcache_v2</c>.</summary>
public interface IIpCacheMap
{
    /// <summary>Reads everything. Nobody else writes meanwhile.</summary>
    Dictionary<IpPrefix, IpCacheEntry> Read();

    /// <summary>Inserts or overwrites in order; stops at the first that fails.</summary>
    WriteResult Put(IReadOnlyList<KeyValuePair<IpPrefix, IpCacheEntry>> rows);

    /// <summary>Deletes in order; a row that is not there is no error. Stops at the first that fails.</summary>
    WriteResult Delete(IReadOnlyList<IpPrefix> prefixes);
}
