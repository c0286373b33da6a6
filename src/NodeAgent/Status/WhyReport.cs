using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Status;

/// <summary>Puts a service's explanation into the words of <c>node-agent why</c>. Called by the apply loop.</summary>
internal static class WhyReport
{
    public static WhyStatus? Make(string service, ServiceTable table) => table.Explain(service) is not { } explanation ? null : new()
    {
        Service = explanation.Name,
        Local = explanation.Own is { } own
            ? $"{own.Source}: global={Text(own.IsGlobal)}, shared={Text(own.IsShared)}, affinity={ServiceStatusReport.NameOf(own.Affinity)}, "
                + $"session-affinity={own.AffinitySeconds}s, {own.Frontends.Count} frontends, {own.Backends.Count} backends"
            : null,
        Published = [.. explanation.Publishers.Select(Publisher)],
        Frontends = [.. explanation.Frontends.Select(Frontend)],
    };

    private static string Publisher(ServicePublisher publisher) =>
        $"{publisher.Cluster}: shared={Text(publisher.IsShared)}, {Standing(publisher.Standing)}, backends: "
        + (publisher.Backends.Count == 0 ? "none" : string.Join(", ", publisher.Backends.Select(offer => $"{offer.Address}{Names(offer)}")));

    private static WhyFrontend Frontend(FrontendExplanation frontend) => new(
        $"{frontend.Frontend.Address}{(frontend.Frontend.Name.Length > 0 ? $" ({frontend.Frontend.Name})" : string.Empty)}",
        frontend.LostTo is { } owner ? $"not here: {owner} has this address too, and comes first by name" : null,
        [
            .. frontend.Backends.OrderBy(backend => backend.Verdict).ThenBy(backend => backend.Offer.Address).Select(backend => new WhyBackend(
                backend.Offer.Address.ToString(),
                backend.Cluster?.Value ?? "local",
                ServiceStatusReport.NameOf(backend.Offer.State),
                backend.Verdict <= BackendVerdict.Maintenance,
                Reason(backend.Verdict))),
        ]);

    private static string Names(BackendOffer offer) => offer.PortNames.Count == 0 ? string.Empty : $" ({string.Join(',', offer.PortNames)})";

    private static string Text(bool value) => value ? "true" : "false";

    private static string Standing(SourceStanding standing) => standing switch
    {
        SourceStanding.Reachable => "reachable",
        SourceStanding.Unreachable => "unreachable",
        _ => "expired",
    };

    private static string Reason(BackendVerdict verdict) => verdict switch
    {
        BackendVerdict.InUse => "takes connections",
        BackendVerdict.Standby => "keeps its connections and takes no new ones",
        BackendVerdict.Maintenance => "in maintenance: known, in no slot",
        BackendVerdict.OtherFamily => "the frontend is of the other IP family",
        BackendVerdict.OtherProtocol => "the frontend is of another protocol",
        BackendVerdict.OtherPortName => "its port has names, and the frontend's is not among them",
        BackendVerdict.NotShared => "its cluster does not share the service",
        BackendVerdict.NotGlobal => "the local service is not global",
        BackendVerdict.HiddenByLocal => "the own cluster has the same address, which counts",
        BackendVerdict.OtherNode => "internalTrafficPolicy is Local, and it runs on another node",
        BackendVerdict.LocalPreferred => "affinity is local, and the own cluster has an active backend",
        BackendVerdict.NoHealthyRemote => "affinity is local, and no other cluster has a healthy backend either",
        BackendVerdict.RemotePreferred => "affinity is remote, and another cluster has a healthy backend",
        BackendVerdict.NoHealthyLocal => "affinity is remote, and the own cluster has no healthy backend either",
        BackendVerdict.Unreachable => "its cluster cannot be reached, and reachable ones have backends (--prefer-reachable)",
        _ => "its cluster has been unreachable for longer than --service-ttl",
    };
}
