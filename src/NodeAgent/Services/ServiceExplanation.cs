namespace KvStoreMesh.NodeAgent.Services;

/// <summary>Why a service's frontends have the backends they have.</summary>
/// <param name="Name"><c>namespace/name</c>.</param>
/// <param name="Own">The own cluster's service; null if it has none, and then there are no frontends.</param>
/// <param name="Publishers">The other clusters that publish it, by name.</param>
/// <param name="Frontends">By address.</param>
public sealed record ServiceExplanation(
    string Name, LocalService? Own, IReadOnlyList<ServicePublisher> Publishers, IReadOnlyList<FrontendExplanation> Frontends)
{
    internal static ServiceExplanation Of(string name, ServiceEntry entry, in ServiceMergeRules rules, Func<L3n4Addr, string> ownerOf)
    {
        var standing = rules.Standing;
        var publishers = entry.Remote.OrderBy(pair => pair.Key)
            .Select(pair => new ServicePublisher(pair.Key, pair.Value.IsShared, pair.Value.Backends, standing(pair.Key)));
        var candidates = entry.Candidates(rules);
        var frontends = (entry.Own?.Frontends ?? []).OrderBy(port => port.Address)
            .Select(port => FrontendExplanation.Of(port, ownerOf(port.Address) is var owner && owner != name ? owner : null, candidates!));
        return new(name, entry.Own, [.. publishers], [.. frontends]);
    }
}
