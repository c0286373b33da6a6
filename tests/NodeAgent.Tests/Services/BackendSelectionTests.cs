using CsCheck;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Tests.Services;

/// <summary>Which backends a frontend gets, against rules written down a second time, one sentence each.</summary>
public sealed class BackendSelectionTests
{
    private const string Node = "here";
    private static readonly ServicePort Frontend = new(Some.Addr("10.0.0.1:80"), "http");

    private static readonly Gen<BackendOffer> AnyOffer = Gen.Select(
        Gen.OneOf("20.0.0.1:80", "20.0.0.2:80", "20.0.0.3:80", "20.0.0.4:80/UDP", "[fd00::1]:80", "[fd00::2]:80"),
        Gen.OneOf<string[]>(Gen.Const<string[]>([]), Gen.Const<string[]>(["http"]), Gen.Const<string[]>(["other"])),
        Gen.Enum<BackendState>(),
        Gen.OneOf("", Node, "there"),
        (address, names, state, node) => new BackendOffer(Some.Addr(address), names, state, node));

    private static readonly Gen<BackendOffer[]> AnyOffers = AnyOffer.List[0, 4].Select(list => list.DistinctBy(offer => offer.Address).ToArray());

    private static readonly Gen<(bool IsShared, SourceStanding Standing, BackendOffer[] Offers)> AnyRemote =
        Gen.Select(Gen.Frequency((4, Gen.Const(true)), (1, Gen.Const(false))), Gen.Enum<SourceStanding>(), AnyOffers);

    [Fact]
    public void The_selection_follows_the_rules_of_Cilium_and_those_for_unreachable_clusters()
    {
        Gen.Select(AnyOffers, AnyRemote.Array[2], Gen.Enum<ServiceAffinity>(), Gen.Bool, Gen.Bool, Gen.Bool)
            .Sample((own, remotes, affinity, isGlobal, isNodeLocal, prefers) =>
            {
                var service = new LocalService
                {
                    Name = "test/echo", Frontends = [Frontend], Backends = own, Affinity = affinity, IsGlobal = isGlobal, IsNodeLocal = isNodeLocal,
                };
                var candidates = new BackendCandidates(service, Node, prefers);
                candidates.AddOwn(Some.Cluster("a"));
                for (var i = 0; i < remotes.Length; i++)
                {
                    candidates.AddRemote(Some.Cluster($"r{i}"), remotes[i].Offers, remotes[i].IsShared, remotes[i].Standing);
                }

                Assert.Equal(Naive(service, remotes, prefers), candidates.Select(Frontend));
            }, iter: 20_000);
    }

    private static List<SelectedBackend> Naive(
        LocalService service, (bool IsShared, SourceStanding Standing, BackendOffer[] Offers)[] remotes, bool prefers)
    {
        var own = service.Backends.Where(Fits).Where(offer => !service.IsNodeLocal || offer.NodeName is "" or Node).ToList();
        var remote = remotes
            .Where(cluster => service.IsGlobal && cluster.IsShared && cluster.Standing != SourceStanding.Expired)
            .SelectMany(cluster => cluster.Offers.Select(offer => (cluster.Standing, Offer: offer)))
            .Where(pair => Fits(pair.Offer) && service.Backends.All(mine => mine.Address != pair.Offer.Address))
            .Where(pair => !service.IsNodeLocal || pair.Offer.NodeName is "" or Node).ToList();
        var reachable = Affine(service, own, [.. remote.Where(pair => pair.Standing == SourceStanding.Reachable).Select(pair => pair.Offer)]);
        return prefers && MergedFrontend.EligibleOf(reachable) > 0 ? reachable : Affine(service, own, [.. remote.Select(pair => pair.Offer)]);
    }

    /// <summary>The table of affinities.</summary>
    private static List<SelectedBackend> Affine(LocalService service, List<BackendOffer> own, List<BackendOffer> remote)
    {
        var healthyOwn = own.Count(offer => offer.State is BackendState.Active or BackendState.Terminating);
        var healthyRemote = remote.Count(offer => offer.State is BackendState.Active or BackendState.Terminating);
        var (useOwn, useRemote) = (service.IsGlobal, service.Affinity) switch
        {
            (false, _) => (true, false),
            (_, ServiceAffinity.Local) => (true, !own.Exists(offer => offer.State == BackendState.Active) && healthyRemote > 0),
            (_, ServiceAffinity.Remote) => (healthyRemote == 0 && healthyOwn > 0, true),
            _ => (true, true),
        };
        return
        [
            .. (useOwn ? own : []).Concat(useRemote ? remote : [])
                .GroupBy(offer => offer.Address)
                .Select(group => new SelectedBackend(group.Key, group.Min(offer => offer.State))).Order(),
        ];
    }

    private static bool Fits(BackendOffer offer) =>
        !offer.Address.IsIpv6 && offer.Address.Protocol == L4Protocol.Tcp && (offer.PortNames.Count == 0 || offer.PortNames.Contains("http"));
}
