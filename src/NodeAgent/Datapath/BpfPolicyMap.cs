using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>One endpoint's policy map in the kernel.</summary>
internal sealed class BpfPolicyMap(BpfMap<PolicyKey, PolicyEntry> map) : IPolicyMap
{
    public Dictionary<PolicyKey, PolicyEntry> Read()
    {
        Dictionary<PolicyKey, PolicyEntry> entries = [];
        foreach (var (key, entry) in map.Entries())
        {
            entries[key] = entry;
        }

        return entries;
    }

    public WriteResult Put(IReadOnlyList<KeyValuePair<PolicyKey, PolicyEntry>> entries) => Try(
        () => map.UpdateBatch([.. entries.Select(entry => entry.Key)], [.. entries.Select(entry => entry.Value)]), entries.Count);

    public WriteResult Delete(IReadOnlyList<PolicyKey> keys) => Try(() => map.DeleteBatch([.. keys]), keys.Count);

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
