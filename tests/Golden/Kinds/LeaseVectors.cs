using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.TestSupport.Sinks;
using static KvStoreMesh.TestSupport.Sinks.MirrorRun;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>How leases are shared among keys; each sentence of the case has its check.</summary>
internal sealed class LeaseVectors(GoldenCase golden)
{
    private const int PerLease = 5;

    // Everything is offered, so that no canary of something else takes a slot.
    private const string FullConfig = """{"capabilities":{"serviceExportsEnabled":true,"endpointSlicesExportMode":"services-and-endpointslices"}}""";
    private static readonly ClusterName Foo = ClusterName.Parse("foo");

    private static readonly (string Beginning, Action Check)[] Sentences =
    [
        ("keys 0-4 -> lease 1", KeysFillLeases),
        ("a key already assigned keeps its lease", KeysKeepTheirs),
        ("released slot", SlotsAreUsedAgain),
        ("parallel requests share one grant", GrantsAreShared),
        ("lease not found error on put", LostLeasesAreReplaced),
        ("ReleasePrefix frees", RangesFreeTheirSlots),
    ];

    public void Run()
    {
        foreach (var sentence in golden.Expect.GetProperty("cases").EnumerateArray().Select(text => text.GetString()!))
        {
            var check = Array.Find(Sentences, known => sentence.StartsWith(known.Beginning, StringComparison.Ordinal)).Check
                ?? throw new InvalidDataException($"{golden.File}: nobody checks the sentence '{sentence}'");
            check();
        }
    }

    private static MirrorRun Filled(params int[] keys)
    {
        var run = new MirrorRun(new SinkOptions { KeysPerLease = PerLease });
        run.Apply(Delta(Foo, [Config(FullConfig), .. keys.Select(key => Put(ResourceKind.Nodes, $"key{key}", "x"))]));
        return run;
    }

    private static Dictionary<string, long> LeasesOf(MirrorRun run) => run.Etcd.Entries.ToDictionary(entry => entry.Key, entry => entry.Lease);

    private static void KeysFillLeases()
    {
        // The config's copy is a key, too.
        var leases = LeasesOf(Filled([.. Enumerable.Range(0, 9)]));
        Assert.Equal(10, leases.Count);
        Assert.All(leases.GroupBy(pair => pair.Value), lease => Assert.Equal(PerLease, lease.Count()));
    }

    private static void KeysKeepTheirs()
    {
        var run = Filled([.. Enumerable.Range(0, 9)]);
        var before = LeasesOf(run);
        run.Apply(Delta(Foo, [.. Enumerable.Range(0, 9).Select(key => Put(ResourceKind.Nodes, $"key{key}", "y"))]));
        Assert.Equal(before, LeasesOf(run));
    }

    private static void SlotsAreUsedAgain()
    {
        var run = Filled([.. Enumerable.Range(0, 9)]);
        var freed = LeasesOf(run)["cilium/cache/nodes/v1/foo/key2"];
        run.Apply(Delta(Foo, [Delete(ResourceKind.Nodes, "key2")]));
        var granted = run.Etcd.Leases;
        run.Apply(Delta(Foo, [Put(ResourceKind.Nodes, "new", "x")]));
        Assert.Equal(freed, LeasesOf(run)["cilium/cache/nodes/v1/foo/new"]);
        Assert.Equal(granted, run.Etcd.Leases);
    }

    private static void GrantsAreShared() => Assert.Single(Filled(0, 1, 2, 3).Etcd.Leases);

    private static void LostLeasesAreReplaced()
    {
        var run = Filled([.. Enumerable.Range(0, 9)]);
        var lost = run.Etcd.Leases[0];
        var keys = LeasesOf(run).Where(pair => pair.Value == lost).Select(pair => pair.Key).ToList();
        run.Etcd.Revoke(lost);
        run.Apply(Delta(Foo, [.. Enumerable.Range(0, 9).Select(key => Put(ResourceKind.Nodes, $"key{key}", "y"))]));
        Assert.All(keys, key => Assert.NotEqual(lost, LeasesOf(run)[key]));
        Assert.Equal(10, run.Etcd.Entries.Count);
    }

    private static void RangesFreeTheirSlots()
    {
        var run = Filled(0, 1, 2, 3);
        var granted = run.Etcd.Leases;
        run.Feed.Remove(Foo);
        run.Pass(run.Options.DrainGrace);
        Assert.Empty(run.Etcd.Entries);
        run.Apply(Delta(ClusterName.Parse("bar"), [Config(FullConfig), .. Enumerable.Range(0, 4).Select(key => Put(ResourceKind.Nodes, $"key{key}", "x"))]));
        Assert.Equal(granted, LeasesOf(run).Values.Distinct());
    }
}
