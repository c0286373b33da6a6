using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.NodeAgent.LoadBalancing;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>Reads the load-balancing maps of both families into one picture.</summary>
internal static class LoadBalancerReading
{
    public static LoadBalancerContents Read(
        BpfMap<Lb4Key, Lb4Service> services4,
        BpfMap<Lb6Key, Lb4Service> services6,
        BpfMap<uint, Lb4Backend> backends4,
        BpfMap<uint, Lb6Backend> backends6,
        BpfMap<ReverseNatKey, Lb4ReverseNat> reverseNat4,
        BpfMap<ReverseNatKey, Lb6ReverseNat> reverseNat6,
        BpfMap<LbAffinityMatch, byte> affinityMatch)
    {
        var contents = new LoadBalancerContents();
        Apply(backends4.Entries().Select(entry => LoadBalancerOperation.PutBackend(entry.Key, BpfLayouts.Backend(entry.Value))));
        Apply(backends6.Entries().Select(entry => LoadBalancerOperation.PutBackend(entry.Key, BpfLayouts.Backend(entry.Value))));
        Apply(services4.Entries().Select(entry => Slot(BpfLayouts.Key(entry.Key), entry.Value)));
        Apply(services6.Entries().Select(entry => Slot(BpfLayouts.Key(entry.Key), entry.Value)));
        Apply(reverseNat4.Entries().Select(entry => LoadBalancerOperation.PutReverseNat(entry.Key.Index, BpfLayouts.ReverseNat(entry.Value))));
        Apply(reverseNat6.Entries().Select(entry => LoadBalancerOperation.PutReverseNat(entry.Key.Index, BpfLayouts.ReverseNat(entry.Value))));
        Apply(affinityMatch.Entries().Select(entry =>
            LoadBalancerOperation.PutAffinityMatch(new(entry.Key.BackendId, entry.Key.RevNatIndex))));
        return contents;

        void Apply(IEnumerable<LoadBalancerOperation> operations)
        {
            foreach (var operation in operations)
            {
                contents.Apply(operation);
            }
        }
    }

    /// <summary>
    /// Ids are of one space over both families; one that stands in both maps, which neither this agent nor Cilium ever writes, goes
    /// from the IPv6 one, or what is held in one picture would not be what is in the maps.
    /// </summary>
    public static void PurgeDoubleIds(LoadBalancerMapSet maps)
    {
        maps.Backends6.DeleteBatch([.. maps.Backends6.Entries().Select(entry => entry.Key).ToList().Where(id => maps.Backends4.TryLookup(id, out _))]);
        maps.ReverseNat6.DeleteBatch([.. maps.ReverseNat6.Entries().Select(entry => entry.Key).ToList().Where(id => maps.ReverseNat4.TryLookup(id, out _))]);
    }

    private static LoadBalancerOperation Slot(ServiceSlotKey key, in Lb4Service slot) =>
        LoadBalancerOperation.PutSlot(key.Frontend, key.Slot, BpfLayouts.Slot(slot));
}
