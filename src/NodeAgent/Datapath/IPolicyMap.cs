using KvStoreMesh.Bpf.Maps.Policy;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>The map <c>cilium_policy_v2_&lt;number&gt;</c> of one endpoint.</summary>
public interface IPolicyMap
{
    /// <summary>Reads everything. Nobody else writes meanwhile.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    Dictionary<PolicyKey, PolicyEntry> Read();

    /// <summary>Inserts or overwrites in order; stops at the first that fails.</summary>
    WriteResult Put(IReadOnlyList<KeyValuePair<PolicyKey, PolicyEntry>> entries);

    /// <summary>Deletes in order; an entry that is not there is no error. Stops at the first that fails.</summary>
    WriteResult Delete(IReadOnlyList<PolicyKey> keys);
}
