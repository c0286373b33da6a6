using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.Bpf.Syscalls;
using KvStoreMesh.NodeAgent.LoadBalancing;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>The load-balancing maps in the kernel. Runs of writes of one kind and family become batches, which keep the order.</summary>
internal sealed class BpfLoadBalancerMaps(LoadBalancerMapSet maps) : ILoadBalancerMaps
{
    public LoadBalancerContents Read() => LoadBalancerReading.Read(
        maps.Services4, maps.Services6, maps.Backends4, maps.Backends6, maps.ReverseNat4, maps.ReverseNat6, maps.AffinityMatch);

    public WriteResult Write(IReadOnlyList<LoadBalancerOperation> operations)
    {
        for (var start = 0; start < operations.Count;)
        {
            var end = start + 1;
            while (end < operations.Count && operations[end].Kind == operations[start].Kind && operations[end].IsIpv6 == operations[start].IsIpv6)
            {
                end++;
            }

            try
            {
                WriteRun(new Run(operations, start, end));
            }
            catch (BpfException failure)
            {
                return new(start + failure.Completed, failure.Message);
            }

            start = end;
        }

        return new(operations.Count, null);
    }

    private void WriteRun(Run run)
    {
        switch (run.Kind, run.IsIpv6)
        {
            case (LoadBalancerOperationKind.PutBackend, false):
                run.Put(maps.Backends4, write => write.Id, write => BpfLayouts.Backend4(write.Backend));
                break;
            case (LoadBalancerOperationKind.PutBackend, true):
                run.Put(maps.Backends6, write => write.Id, write => BpfLayouts.Backend6(write.Backend));
                break;
            case (LoadBalancerOperationKind.DeleteBackend, false):
                run.Delete(maps.Backends4, write => write.Id);
                break;
            case (LoadBalancerOperationKind.DeleteBackend, true):
                run.Delete(maps.Backends6, write => write.Id);
                break;
            case (LoadBalancerOperationKind.PutSlot, false):
                run.Put(maps.Services4, write => BpfLayouts.Key4(write.Key), write => BpfLayouts.Slot(write.Slot));
                break;
            case (LoadBalancerOperationKind.PutSlot, true):
                run.Put(maps.Services6, write => BpfLayouts.Key6(write.Key), write => BpfLayouts.Slot(write.Slot));
                break;
            case (LoadBalancerOperationKind.DeleteSlot, false):
                run.Delete(maps.Services4, write => BpfLayouts.Key4(write.Key));
                break;
            case (LoadBalancerOperationKind.DeleteSlot, true):
                run.Delete(maps.Services6, write => BpfLayouts.Key6(write.Key));
                break;
            case (LoadBalancerOperationKind.PutReverseNat, false):
                run.Put(maps.ReverseNat4, Service, write => BpfLayouts.ReverseNat4(write.Frontend));
                break;
            case (LoadBalancerOperationKind.PutReverseNat, true):
                run.Put(maps.ReverseNat6, Service, write => BpfLayouts.ReverseNat6(write.Frontend));
                break;
            case (LoadBalancerOperationKind.DeleteReverseNat, false):
                run.Delete(maps.ReverseNat4, Service);
                break;
            case (LoadBalancerOperationKind.DeleteReverseNat, true):
                run.Delete(maps.ReverseNat6, Service);
                break;
            case (LoadBalancerOperationKind.PutAffinityMatch, _):
                run.Put(maps.AffinityMatch, Match, _ => (byte)0);
                break;
            case (LoadBalancerOperationKind.DeleteAffinityMatch, _):
                run.Delete(maps.AffinityMatch, Match);
                break;
        }
    }

    private static ReverseNatKey Service(LoadBalancerOperation write) => new((ushort)write.Id);

    private static LbAffinityMatch Match(LoadBalancerOperation write) => new(write.Match.BackendId, write.Match.ServiceId);

    private readonly record struct Run(IReadOnlyList<LoadBalancerOperation> Operations, int Start, int End)
    {
        public LoadBalancerOperationKind Kind => Operations[Start].Kind;

        public bool IsIpv6 => Operations[Start].IsIpv6;

        public void Put<TKey, TValue>(
            BpfMap<TKey, TValue> map, Func<LoadBalancerOperation, TKey> key, Func<LoadBalancerOperation, TValue> value)
            where TKey : unmanaged
            where TValue : unmanaged => map.UpdateBatch(Of(key), Of(value));

        public void Delete<TKey, TValue>(BpfMap<TKey, TValue> map, Func<LoadBalancerOperation, TKey> key)
            where TKey : unmanaged
            where TValue : unmanaged => map.DeleteBatch(Of(key));

        private T[] Of<T>(Func<LoadBalancerOperation, T> field)
        {
            var fields = new T[End - Start];
            for (var i = 0; i < fields.Length; i++)
            {
                fields[i] = field(Operations[Start + i]);
            }

            return fields;
        }
    }
}
