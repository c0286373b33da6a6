using KvStoreMesh.NodeAgent.LoadBalancing;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Status;

/// <summary>Copies what <c>service list</c> shows: what is merged, with the ids, slots and states of the datapath. Called by the apply loop.</summary>
internal static class ServiceStatusReport
{
    public static IReadOnlyList<ServiceStatus> Make(ServiceTable table, LoadBalancerReconciler loadBalancer)
    {
        Dictionary<string, ServiceExplanation?> explained = new(StringComparer.Ordinal);
        return
        [
            .. table.Frontends.Order().Select(frontend => Service(table.Find(frontend)!, Explain(frontend), loadBalancer))
                .OrderBy(service => service.Id),
        ];

        ServiceExplanation? Explain(L3n4Addr frontend)
        {
            var name = table.Find(frontend)!.Service;
            if (!explained.TryGetValue(name, out var explanation))
            {
                explained.Add(name, explanation = table.Explain(name));
            }

            return explanation;
        }
    }

    /// <summary>A state as Cilium's tables name it.</summary>
    public static string NameOf(BackendState state) => state switch
    {
        BackendState.Active => "active",
        BackendState.Terminating => "terminating",
        BackendState.TerminatingNotServing => "terminating-not-serving",
        BackendState.Quarantined => "quarantined",
        _ => "maintenance",
    };

    /// <summary>An affinity as its annotation names it.</summary>
    public static string NameOf(ServiceAffinity affinity) => affinity switch
    {
        ServiceAffinity.Local => "local",
        ServiceAffinity.Remote => "remote",
        _ => "none",
    };

    private static ServiceStatus Service(MergedFrontend merged, ServiceExplanation? explanation, LoadBalancerReconciler loadBalancer)
    {
        var slots = loadBalancer.Known.SlotsOf(new ServiceFrontend(merged.Frontend));
        var master = slots?.GetValueOrDefault((ushort)0) ?? default;
        var clusters = explanation?.Frontends.Where(frontend => frontend.Frontend.Address == merged.Frontend)
            .SelectMany(frontend => frontend.Backends).Where(backend => backend.Verdict <= BackendVerdict.Maintenance)
            .ToLookup(backend => backend.Offer.Address, backend => backend.Cluster?.Value ?? "local");
        return new()
        {
            Id = loadBalancer.ServiceIdOf(merged.Frontend),
            Frontend = merged.Frontend.ToString(),
            Service = merged.Service,
            Type = "ClusterIP",
            SessionAffinitySeconds = master.AffinitySeconds,
            Global = explanation?.Own?.IsGlobal ?? false,
            Affinity = NameOf(explanation?.Own?.Affinity ?? ServiceAffinity.None),
            Backends = [.. (slots ?? []).Where(slot => slot.Key > 0).Select(slot => Backend(slot.Key, slot.Value.BackendId))],
        };

        BackendStatus Backend(ushort slot, uint id) => loadBalancer.Known.Backends.TryGetValue(id, out var entry)
            ? new(slot, entry.Address.ToString(), NameOf(entry.Standing), ClustersOf(entry.Address), slot <= master.Count)
            : new(slot, $"backend {id} not found", "unknown", [], slot <= master.Count);

        string[] ClustersOf(L3n4Addr address) => clusters is null ? [] : [.. clusters[address].Distinct().Order(StringComparer.Ordinal)];
    }
}
