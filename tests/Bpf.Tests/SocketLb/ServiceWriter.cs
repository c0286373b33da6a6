using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.LoadBalancer;

namespace KvStoreMesh.Bpf.Tests.SocketLb;

/// <summary>
/// Writes one service in Cilium's classic order: backends, slots, master (which publishes the count), then surplus slots
/// from the last, then unused backends. At every instant each slot the master promises exists, and its backend too.
/// </summary>
internal sealed class ServiceWriter(BpfMap<Lb4Key, Lb4Service> services, BpfMap<uint, Lb4Backend> backends, Lb4Key frontend, ushort revNatIndex)
{
    public void Publish(IReadOnlyList<TestBackend> wanted)
    {
        uint[] before = Slots();
        WriteBackends(wanted);
        WriteSlots(wanted);
        services.Update(frontend, Lb4Service.Master((ushort)wanted.Count, revNatIndex));
        for (int slot = before.Length; slot > wanted.Count; slot--)
        {
            services.Delete(frontend with { Slot = (ushort)slot });
        }

        backends.DeleteBatch([.. before.Except(wanted.Select(b => b.Id))]);
    }

    /// <summary>The order that suggests itself, and is wrong: take away, then add.</summary>
    public void PublishCarelessly(IReadOnlyList<TestBackend> wanted)
    {
        uint[] before = Slots();
        backends.DeleteBatch(before);
        for (int slot = 1; slot <= before.Length; slot++)
        {
            services.Delete(frontend with { Slot = (ushort)slot });
        }

        services.Update(frontend, Lb4Service.Master((ushort)wanted.Count, revNatIndex));
        WriteSlots(wanted);
        WriteBackends(wanted);
    }

    private uint[] Slots()
    {
        var ids = new List<uint>();
        while (services.TryLookup(frontend with { Slot = (ushort)(ids.Count + 1) }, out Lb4Service slot))
        {
            ids.Add(slot.BackendId);
        }

        return [.. ids];
    }

    private void WriteBackends(IReadOnlyList<TestBackend> wanted)
    {
        foreach (TestBackend backend in wanted)
        {
            backends.Update(backend.Id, new(backend.EndPoint.Address, (ushort)backend.EndPoint.Port, frontend.Protocol));
        }
    }

    private void WriteSlots(IReadOnlyList<TestBackend> wanted)
    {
        for (int i = 0; i < wanted.Count; i++)
        {
            services.Update(frontend with { Slot = (ushort)(i + 1) }, Lb4Service.ForBackend(wanted[i].Id, revNatIndex));
        }
    }
}
