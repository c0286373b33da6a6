using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.Bpf.Syscalls;
using KvStoreMesh.NodeAgent.LoadBalancing;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>The three load-balancing maps in the kernel. Runs of writes of one kind become batches, which keep the order.</summary>
internal sealed class BpfLoadBalancerMaps(
    BpfMap<Lb4Key, Lb4Service> services, BpfMap<uint, Lb4Backend> backends, BpfMap<ReverseNatKey, Lb4ReverseNat> reverseNat)
    : ILoadBalancerMaps
{
    public LoadBalancerContents Read()
    {
        var contents = new LoadBalancerContents();
        foreach (var (id, backend) in backends.Entries())
        {
            contents.Apply(LoadBalancerOperation.PutBackend(id, BpfLayouts.Backend(backend)));
        }

        foreach (var (raw, slot) in services.Entries())
        {
            var key = BpfLayouts.Key(raw);
            contents.Apply(LoadBalancerOperation.PutSlot(key.Frontend, key.Slot, BpfLayouts.Slot(slot)));
        }

        foreach (var (id, frontend) in reverseNat.Entries())
        {
            contents.Apply(LoadBalancerOperation.PutReverseNat(id.Index, BpfLayouts.ReverseNat(frontend)));
        }

        return contents;
    }

    public WriteResult Write(IReadOnlyList<LoadBalancerOperation> operations)
    {
        for (var start = 0; start < operations.Count;)
        {
            var end = start + 1;
            while (end < operations.Count && operations[end].Kind == operations[start].Kind)
            {
                end++;
            }

            try
            {
                WriteRun(operations, start, end);
            }
            catch (BpfException failure)
            {
                return new(start + failure.Completed, failure.Message);
            }

            start = end;
        }

        return new(operations.Count, null);
    }

    private void WriteRun(IReadOnlyList<LoadBalancerOperation> operations, int start, int end)
    {
        switch (operations[start].Kind)
        {
            case LoadBalancerOperationKind.PutBackend:
                backends.UpdateBatch(Of(operation => operation.Id), Of(operation => BpfLayouts.Backend(operation.Backend)));
                break;
            case LoadBalancerOperationKind.DeleteBackend:
                backends.DeleteBatch(Of(operation => operation.Id));
                break;
            case LoadBalancerOperationKind.PutSlot:
                services.UpdateBatch(Of(operation => BpfLayouts.Key(operation.Key)), Of(operation => BpfLayouts.Slot(operation.Slot)));
                break;
            case LoadBalancerOperationKind.DeleteSlot:
                services.DeleteBatch(Of(operation => BpfLayouts.Key(operation.Key)));
                break;
            case LoadBalancerOperationKind.PutReverseNat:
                reverseNat.UpdateBatch(
                    Of(operation => new ReverseNatKey((ushort)operation.Id)), Of(operation => BpfLayouts.ReverseNat(operation.Frontend)));
                break;
            case LoadBalancerOperationKind.DeleteReverseNat:
                reverseNat.DeleteBatch(Of(operation => new ReverseNatKey((ushort)operation.Id)));
                break;
        }

        T[] Of<T>(Func<LoadBalancerOperation, T> field)
        {
            var fields = new T[end - start];
            for (var i = start; i < end; i++)
            {
                fields[i - start] = field(operations[i]);
            }

            return fields;
        }
    }
}
