namespace KvStoreMesh.NodeAgent.Services;

/// <summary>What becomes of each backend at a frontend.</summary>
/// <param name="Frontend">The frontend.</param>
/// <param name="LostTo">The other service that has this address; null if it is this one's.</param>
/// <param name="Backends">Every backend that any record offers.</param>
public sealed record FrontendExplanation(ServicePort Frontend, string? LostTo, IReadOnlyList<BackendExplanation> Backends)
{
    internal static FrontendExplanation Of(ServicePort frontend, string? lostTo, BackendCandidates candidates)
    {
        var verdicts = candidates.Judge(frontend);
        return new(
            frontend,
            lostTo,
            [.. candidates.All.Select((candidate, i) => new BackendExplanation(candidate.Offer, candidate.Cluster, candidate.IsRemote, verdicts[i]))]);
    }
}
