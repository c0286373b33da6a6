using KvStoreMesh.Bpf.Maps.Policy;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>A policy map in memory: as the kernel's, a full map still takes overwrites.</summary>
internal sealed class MemoryPolicyMap(int maxEntries) : IPolicyMap
{
    private readonly Dictionary<PolicyKey, PolicyEntry> _entries = [];

    public Dictionary<PolicyKey, PolicyEntry> Read() => new(_entries);

    public WriteResult Put(IReadOnlyList<KeyValuePair<PolicyKey, PolicyEntry>> entries)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (_entries.Count >= maxEntries && !_entries.ContainsKey(entries[i].Key))
            {
                return new(i, $"the policy map is full ({maxEntries} entries)");
            }

            _entries[entries[i].Key] = entries[i].Value;
        }

        return new(entries.Count, null);
    }

    public WriteResult Delete(IReadOnlyList<PolicyKey> keys)
    {
        foreach (var key in keys)
        {
            _entries.Remove(key);
        }

        return new(keys.Count, null);
    }
}
