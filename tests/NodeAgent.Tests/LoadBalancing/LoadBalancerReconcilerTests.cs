using CsCheck;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.LoadBalancing;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Tests.LoadBalancing;

/// <summary>The order of writes, ids over restarts, and convergence from whatever is pinned.</summary>
public sealed class LoadBalancerReconcilerTests
{
    private static readonly L3n4Addr Vip = Some.Addr("10.0.0.1:80");
    private static readonly L3n4Addr OtherVip = Some.Addr("10.0.0.2:80");

    private static readonly L3n4Addr Vip6 = Some.Addr("[fd00::1]:80");

    private static readonly Gen<L3n4Addr> AnyFrontend = Gen.OneOf(Vip, OtherVip, Some.Addr("10.0.0.1:53/UDP"), Vip6);
    private static readonly Gen<L3n4Addr> AnyBackend =
        Gen.Select(Gen.Int[1, 6], Gen.Int[80, 81], (host, port) => Some.Addr($"20.0.0.{host}:{port}"));

    private static readonly Gen<BackendState> AnyState = Gen.Frequency(
        (6, Gen.Const(BackendState.Active)), (1, Gen.Const(BackendState.Terminating)), (1, Gen.Const(BackendState.TerminatingNotServing)),
        (1, Gen.Const(BackendState.Quarantined)), (1, Gen.Const(BackendState.Maintenance)));

    private static readonly Gen<SelectedBackend[]> AnyBackends =
        Gen.Select(AnyBackend, AnyState).List[0, 5].Select(list => list.DistinctBy(pair => pair.Item1).Select(pair => new SelectedBackend(pair.Item1, pair.Item2)).Order().ToArray());

    /// <summary>Null: the frontend goes. IPv6 frontends have IPv6 backends.</summary>
    private static readonly Gen<(L3n4Addr Frontend, MergedFrontend? Wish)> AnyWish = Gen.Select(
        AnyFrontend, Gen.Int[0, 4], AnyBackends, Gen.OneOf(0u, 0u, 30u, 10800u),
        (frontend, dice, backends, affinity) => (frontend, dice == 0 ? null : Wish(frontend, backends, affinity)));

    [Fact]
    public void No_lookup_of_a_service_with_live_backends_ever_fails()
    {
        // I15: several frontends change at once, and the maps are looked at after each single write.
        AnyWish.List[1, 4].List[1, 12].Sample(rounds =>
        {
            var maps = new RecordingMaps();
            var reconciler = new LoadBalancerReconciler(maps);
            Dictionary<L3n4Addr, MergedFrontend> before = [];
            foreach (var round in rounds)
            {
                Dictionary<L3n4Addr, MergedFrontend> after = new(before);
                foreach (var (frontend, backends) in round)
                {
                    reconciler.Want(frontend, backends);
                    Set(after, frontend, backends);
                }

                maps.AfterEach = operation => AssertServed(maps.Contents, before, after, operation);
                Assert.Null(reconciler.Flush());
                AssertExact(maps.Contents, after);
                before = after;
            }
        }, iter: 300);
    }

    [Fact]
    public void A_restart_keeps_every_id_and_writes_nothing()
    {
        AnyWish.List[1, 15].Sample(wishes =>
        {
            var maps = new RecordingMaps();
            Dictionary<L3n4Addr, MergedFrontend> wanted = [];
            var first = new LoadBalancerReconciler(maps);
            foreach (var (frontend, backends) in wishes)
            {
                first.Want(frontend, backends);
                Set(wanted, frontend, backends);
                first.Flush();
            }

            maps.AfterEach = operation => Assert.Fail($"wrote {operation}");
            var second = new LoadBalancerReconciler(maps);
            foreach (var (frontend, backends) in wanted)
            {
                second.Want(frontend, backends);
                Assert.Null(second.Flush());
                Assert.Equal(first.ServiceIdOf(frontend), second.ServiceIdOf(frontend));
            }

            second.ReleaseRetained(frontendsOnly: false);
            Assert.Null(second.Flush());
        }, iter: 200);
    }

    [Fact]
    public void Any_garbage_becomes_exactly_what_is_wanted()
    {
        var slot = Gen.Select(Gen.UInt[0, 8], Gen.UShort[0, 4], Gen.UShort[0, 4], Gen.Byte[0, 2], (id, count, service, flags) =>
            new ServiceSlot(id, count, service, flags));
        var garbage = Gen.OneOf<LoadBalancerOperation>(
            Gen.Select(AnyFrontend, Gen.Byte[0, 1], Gen.UShort[0, 5], slot, (frontend, scope, number, value) =>
                LoadBalancerOperation.PutSlot(new ServiceFrontend(frontend, scope), number, value)),
            Gen.Select(Gen.UInt[0, 8], AnyBackend, Gen.Byte[0, 1], (id, address, state) =>
                LoadBalancerOperation.PutBackend(id, new BackendEntry(address, state))),
            Gen.Select(Gen.UInt[0, 8], Gen.UShort[0, 6], (id, service) => LoadBalancerOperation.PutAffinityMatch(new(id, service))),
            Gen.Select(Gen.UShort[0, 6], AnyFrontend, LoadBalancerOperation.PutReverseNat));
        Gen.Select(garbage.List[0, 30], AnyWish.List[0, 8]).Sample((pinned, wishes) =>
        {
            var maps = new RecordingMaps();
            maps.Write(pinned);
            var reconciler = new LoadBalancerReconciler(maps);
            Dictionary<L3n4Addr, MergedFrontend> wanted = [];
            foreach (var (frontend, backends) in wishes)
            {
                reconciler.Want(frontend, backends);
                Set(wanted, frontend, backends);
                Assert.Null(reconciler.Flush());
            }

            reconciler.ReleaseRetained(frontendsOnly: false);
            Assert.Null(reconciler.Flush());
            AssertExact(maps.Contents, wanted);
            AssertExact(maps.Read(), wanted);
        }, iter: 500);
    }

    [Fact]
    public void Adopted_backends_stay_beside_the_wanted_ones_until_all_have_spoken()
    {
        var maps = new RecordingMaps();
        var first = new LoadBalancerReconciler(maps);
        first.Want(Vip, Wish(Vip, "20.0.0.1:80", "30.0.0.1:80"));
        first.Want(OtherVip, Wish(OtherVip, "30.0.0.1:80"));
        first.Flush();

        // Only one cluster's record has come back so far; the other's backends must not be lost, nor the second service.
        var second = new LoadBalancerReconciler(maps);
        second.Want(Vip, Wish(Vip, "20.0.0.1:80"));
        second.Flush();
        Assert.Equal(["20.0.0.1:80/TCP", "30.0.0.1:80/TCP"], Steered(maps, Vip));
        Assert.Equal(["30.0.0.1:80/TCP"], Steered(maps, OtherVip));
        Assert.Equal(1, second.RetainedFrontends);

        // A record named it and took it back: no longer retained.
        second.Want(Vip, Wish(Vip, "20.0.0.1:80", "30.0.0.1:80"));
        second.Want(Vip, Wish(Vip, "20.0.0.1:80"));
        second.Flush();
        Assert.Equal(["20.0.0.1:80/TCP"], Steered(maps, Vip));

        second.ReleaseRetained(frontendsOnly: false);
        second.Flush();
        Assert.Empty(Steered(maps, OtherVip));
        AssertExact(maps.Contents, new() { [Vip] = Wish(Vip, "20.0.0.1:80") });
    }

    [Fact]
    public void Releasing_only_frontends_keeps_the_backends_of_those_that_stay()
    {
        var maps = new RecordingMaps();
        var first = new LoadBalancerReconciler(maps);
        first.Want(Vip, Wish(Vip, "20.0.0.1:80", "30.0.0.1:80"));
        first.Want(OtherVip, Wish(OtherVip, "30.0.0.2:80"));
        first.Flush();

        var second = new LoadBalancerReconciler(maps);
        second.Want(Vip, Wish(Vip, "20.0.0.1:80"));
        second.ReleaseRetained(frontendsOnly: true);
        second.Flush();
        Assert.Equal(["20.0.0.1:80/TCP", "30.0.0.1:80/TCP"], Steered(maps, Vip));
        Assert.Empty(Steered(maps, OtherVip));
    }

    [Fact]
    public void A_service_that_does_not_fit_does_not_hold_back_the_others_and_comes_with_room()
    {
        var maps = new RecordingMaps(new DatapathLimits { Backends = 2 });
        var reconciler = new LoadBalancerReconciler(maps);
        reconciler.Want(Vip, Wish(Vip, "20.0.0.1:80", "20.0.0.2:80", "20.0.0.3:80"));
        reconciler.Want(OtherVip, Wish(OtherVip, "20.0.0.1:80"));
        var error = reconciler.Flush();
        Assert.Contains("10.0.0.1:80/TCP", error, StringComparison.Ordinal);
        Assert.Contains("full", error, StringComparison.Ordinal);
        Assert.Equal(1, reconciler.Pending);
        Assert.Equal(["20.0.0.1:80/TCP"], Steered(maps, OtherVip));
        Assert.Empty(Steered(maps, Vip));

        reconciler.Want(Vip, Wish(Vip, "20.0.0.1:80", "20.0.0.2:80"));
        Assert.Null(reconciler.Flush());
        Assert.Null(reconciler.Reread());
        Assert.Equal(0, reconciler.Pending);
        AssertExact(maps.Contents, new() { [Vip] = Wish(Vip, "20.0.0.1:80", "20.0.0.2:80"), [OtherVip] = Wish(OtherVip, "20.0.0.1:80") });
    }

    [Fact]
    public void Writes_that_fail_at_random_never_leave_a_hole_and_are_made_good_by_rereading()
    {
        Gen.Select(AnyWish.List[1, 4].List[1, 8], Gen.Int).Sample((rounds, seed) =>
        {
            var random = new Random(seed);
            var maps = new RecordingMaps { Fails = _ => random.Next(4) == 0 };
            var reconciler = new LoadBalancerReconciler(maps);
            Dictionary<L3n4Addr, MergedFrontend> wanted = [];
            maps.AfterEach = operation => AssertNoHoles(maps.Contents, operation);
            foreach (var (frontend, backends) in rounds.SelectMany(round => round))
            {
                reconciler.Want(frontend, backends);
                Set(wanted, frontend, backends);
                reconciler.Flush();
            }

            maps.Fails = _ => false;
            reconciler.ReleaseRetained(frontendsOnly: false);
            Assert.Null(reconciler.Reread());
            AssertExact(maps.Contents, wanted);
        }, iter: 300);
    }

    [Fact]
    public void Foreign_changes_are_repaired_by_rereading()
    {
        var maps = new RecordingMaps();
        var reconciler = new LoadBalancerReconciler(maps);
        reconciler.Want(Vip, Wish(Vip, "20.0.0.1:80", "20.0.0.2:80"));
        reconciler.ReleaseRetained(frontendsOnly: false);
        reconciler.Flush();
        maps.Write([
            LoadBalancerOperation.DeleteSlot(new(Vip), 1),
            LoadBalancerOperation.DeleteBackend(2, Some.Addr("20.0.0.2:80")),
            LoadBalancerOperation.PutBackend(77, new BackendEntry(Some.Addr("9.9.9.9:9")))]);
        Assert.Null(reconciler.Reread());
        AssertExact(maps.Contents, new() { [Vip] = Wish(Vip, "20.0.0.1:80", "20.0.0.2:80") });
    }

    [Fact]
    public void A_backend_of_two_services_has_one_id_and_goes_with_the_second()
    {
        var maps = new RecordingMaps();
        var reconciler = new LoadBalancerReconciler(maps);
        reconciler.Want(Vip, Wish(Vip, "20.0.0.1:80"));
        reconciler.Want(OtherVip, Wish(OtherVip, "20.0.0.1:80"));
        reconciler.Flush();
        Assert.Single(maps.Contents.Backends);
        reconciler.Want(Vip, null);
        reconciler.Flush();
        Assert.Single(maps.Contents.Backends);
        reconciler.Want(OtherVip, null);
        reconciler.Flush();
        Assert.Empty(maps.Contents.Backends);
        Assert.Empty(maps.Contents.ReverseNat);
    }

    private static void Set(Dictionary<L3n4Addr, MergedFrontend> wanted, L3n4Addr frontend, MergedFrontend? backends)
    {
        if (backends is null)
        {
            wanted.Remove(frontend);
        }
        else
        {
            wanted[frontend] = backends;
        }
    }

    private static MergedFrontend Wish(L3n4Addr frontend, params string[] backends) =>
        new(frontend, "test/echo", [.. Some.Addrs(backends).Select(address => new SelectedBackend(address))]);

    private static MergedFrontend Wish(L3n4Addr frontend, SelectedBackend[] backends, uint affinity) => new(
        frontend, "test/echo",
        [.. backends.Select(backend => frontend.IsIpv6 ? backend with { Address = Some.Addr($"[fd00::2:{backend.Address.Ip[^1]}]:{backend.Address.Port}") } : backend).Order()],
        affinity);

    /// <summary>The backends that take connections.</summary>
    private static L3n4Addr[] Eligible(MergedFrontend wish) =>
        [.. wish.Backends.Take(MergedFrontend.EligibleOf(wish.Backends)).Select(backend => backend.Address)];

    private static string[] Steered(RecordingMaps maps, L3n4Addr frontend) =>
        [.. SteeringProgram.Outcomes(maps.Contents, frontend).Select(backend => $"{backend}")];

    private static void AssertServed(
        LoadBalancerContents contents,
        Dictionary<L3n4Addr, MergedFrontend> before,
        Dictionary<L3n4Addr, MergedFrontend> after,
        LoadBalancerOperation operation)
    {
        AssertNoHoles(contents, operation);
        foreach (var (frontend, backends) in after)
        {
            if (Eligible(backends).Length > 0 && before.TryGetValue(frontend, out var old) && Eligible(old).Length > 0)
            {
                var outcomes = SteeringProgram.Outcomes(contents, frontend);
                Assert.True(outcomes.Count > 0, $"{frontend} has no backends after {operation.Kind}");
                Assert.All(outcomes, outcome => Assert.Contains(outcome!.Value, old.Backends.Concat(backends.Backends).Select(backend => backend.Address)));
            }
        }
    }

    private static void AssertNoHoles(LoadBalancerContents contents, LoadBalancerOperation operation)
    {
        foreach (var frontend in contents.Services.Keys)
        {
            Assert.True(
                SteeringProgram.Outcomes(contents, frontend.Address).All(outcome => outcome is not null), $"{frontend} has a hole after {operation}");
        }
    }

    /// <summary>Nothing more, nothing less, and every id is used once.</summary>
    private static void AssertExact(LoadBalancerContents contents, Dictionary<L3n4Addr, MergedFrontend> wanted)
    {
        Assert.Equal(wanted.Keys.Order(), contents.Services.Keys.Select(frontend => frontend.Address).Order());
        Assert.All(contents.Services.Keys, frontend => Assert.Equal(0, frontend.Scope));
        foreach (var (frontend, backends) in wanted)
        {
            Assert.Equal(Eligible(backends), SteeringProgram.Outcomes(contents, frontend).Select(outcome => outcome!.Value));
            var slots = contents.Services[new ServiceFrontend(frontend)];
            var inSlots = backends.Backends.Where(backend => backend.State != BackendState.Maintenance).Select(backend => backend.Address);
            Assert.Equal(inSlots, slots.Where(slot => slot.Key > 0).Select(slot => contents.Backends[slot.Value.BackendId].Address));
            Assert.Equal(slots.Count - 1, slots[0].Count + slots[0].QCount);
            Assert.Equal(backends.AffinitySeconds, slots[0].AffinitySeconds);
            Assert.All(slots.Values, slot => Assert.Equal(backends.AffinitySeconds > 0 ? 0x10 : 0, slot.Flags));
            var matches = contents.AffinityMatches.GetValueOrDefault(slots[0].RevNatId) ?? [];
            Assert.Equal(
                backends.AffinitySeconds > 0 ? Eligible(backends).Order() : [], matches.Select(id => contents.Backends[id].Address).Order());
            Assert.All(slots.Values, slot => Assert.Equal(slots[0].RevNatId, slot.RevNatId));
            Assert.Equal(frontend with { Protocol = L4Protocol.Any }, contents.ReverseNat[slots[0].RevNatId]);
        }

        Assert.Equal(wanted.Count, contents.ReverseNat.Count);
        Assert.Equal(
            wanted.Values.SelectMany(wish => wish.Backends).GroupBy(backend => backend.Address)
                .Select(group => BackendEntry.Of(group.Key, group.Min(backend => backend.State))).OrderBy(entry => entry.Address),
            contents.Backends.Values.OrderBy(entry => entry.Address));
        Assert.Equal(
            wanted.Values.Sum(wish => wish.AffinitySeconds > 0 ? Eligible(wish).Length : 0), contents.MatchCount);
        Assert.DoesNotContain(0u, contents.Backends.Keys);
        Assert.DoesNotContain((ushort)0, contents.ReverseNat.Keys);
    }
}
