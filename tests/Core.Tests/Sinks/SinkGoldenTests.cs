using System.Text;
using System.Text.Json;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Golden;
using KvStoreMesh.TestSupport.Sinks;
using static KvStoreMesh.TestSupport.Sinks.MirrorRun;

namespace KvStoreMesh.Core.Tests.Sinks;

/// <summary>What Cilium's own tests expect in the local etcd.</summary>
public sealed class SinkGoldenTests
{
    [GoldenFact]
    public void A_cluster_is_mirrored_as_KVStoreMesh_does_18() => AssertMirrored("18");

    [GoldenFact]
    public void A_cluster_is_mirrored_as_KVStoreMesh_does_19() => AssertMirrored("19");

    [GoldenFact]
    public void A_cluster_is_mirrored_as_KVStoreMesh_does_20() => AssertMirrored("20");

    [GoldenFact]
    public void A_cluster_is_mirrored_as_KVStoreMesh_does_22() => AssertMirrored("22");

    [GoldenFact]
    public void The_copy_of_a_config_is_written_as_Go_writes_it()
    {
        foreach (var number in new[] { "18", "19", "20", "22" })
        {
            var golden = GoldenVectors.Load(number);
            var config = Encoding.UTF8.GetBytes(golden.GetProperty("remote_cluster_config").GetRawText());
            Assert.True(CiliumClusterConfig.TryParse(config, out var parsed, out _));
            Assert.Equal(
                golden.GetProperty("expect").GetProperty("local_cluster_config").GetProperty("value").GetString(),
                Encoding.UTF8.GetString(CachedClusterConfig.Write(parsed)));
        }
    }

    [GoldenFact]
    public void A_removed_cluster_disappears_in_steps_and_no_other_is_touched_24()
    {
        var golden = GoldenVectors.Load("24");
        var run = Filled(golden);
        var steps = golden.GetProperty("expect").GetProperty("steps");

        run.Feed.Remove(ClusterName.Parse("foo"));
        run.Settle();
        AssertStep(run, steps[0]);
        run.Pass(TimeSpan.FromSeconds(179.999));
        AssertStep(run, steps[1]);
        run.Pass(TimeSpan.FromMilliseconds(1));
        AssertStep(run, steps[2]);
    }

    [GoldenFact]
    public void A_failure_in_the_middle_of_a_removal_repeats_it_without_the_grace_period_24()
    {
        var golden = GoldenVectors.Load("24");
        var run = Filled(golden);
        var steps = golden.GetProperty("expect").GetProperty("steps");
        var fails = 1;
        run.Etcd.Applying = operations => Fail(operations, "cilium/cache/nodes/v1/foobar/", ref fails);

        run.Feed.Remove(ClusterName.Parse("foobar"));
        run.Pass(TimeSpan.FromSeconds(180));
        AssertStep(run, steps[3]);
        run.Pass(TimeSpan.FromSeconds(1.999));
        AssertStep(run, steps[4]);
        run.Pass(TimeSpan.FromMilliseconds(1));
        AssertStep(run, steps[5]);
    }

    [GoldenFact]
    public void A_removal_that_keeps_failing_is_stuck_after_62_seconds_but_not_given_up_24()
    {
        var golden = GoldenVectors.Load("24");
        var run = Filled(golden);
        var steps = golden.GetProperty("expect").GetProperty("steps");
        var fails = 10;
        run.Etcd.Applying = operations => Fail(operations, "cilium/cluster-config/baz", ref fails);

        run.Feed.Remove(ClusterName.Parse("baz"));
        run.Pass(TimeSpan.FromSeconds(62));
        AssertStep(run, steps[6]);
        Assert.Equal(4, fails);
        Assert.Contains("failed 6 times", run.Mirror.Describe().Clusters.Single(cluster => cluster.Cluster.Value == "baz").Problem!);

        run.Pass(TimeSpan.FromMinutes(5));
        Assert.DoesNotContain(run.Etcd.Entries, entry => entry.Key.Contains("/baz", StringComparison.Ordinal));
    }

    [GoldenFact]
    public void A_removed_cluster_is_deleted_in_Ciliums_order_24()
    {
        var golden = GoldenVectors.Load("24");
        var run = Filled(golden);
        var before = run.Etcd.Transactions.Count;
        run.Feed.Remove(ClusterName.Parse("foo"));
        run.Pass(TimeSpan.FromMinutes(4));

        var expected = golden.GetProperty("expect").GetProperty("delete_order").EnumerateArray().Select(step => step.GetString()!)
            .Where(step => step.StartsWith("Delete", StringComparison.Ordinal)).Select(step => step.Replace("<c>", "foo", StringComparison.Ordinal));
        var deletes = run.Etcd.Transactions.Skip(before).SelectMany(operations => operations).Where(operation => operation.IsDelete)
            .Select(operation => $"{(operation.RangeEnd.Length > 0 ? "DeletePrefix" : "Delete")} {operation.Key}");
        Assert.Equal(expected, deletes);
    }

    private static void Fail(IReadOnlyList<StoreOperation> operations, string key, ref int times)
    {
        if (operations.Any(operation => operation.IsDelete && operation.Key == key) && times > 0)
        {
            times--;
            throw new StoreException(StoreFailure.Refused, $"injected failure on {key}");
        }
    }

    private static void AssertMirrored(string number)
    {
        var golden = GoldenVectors.Load(number);
        var name = ClusterName.Parse(golden.GetProperty("remote_cluster").GetString()!);
        var run = new MirrorRun();
        foreach (var delta in Replicate(name, golden))
        {
            run.Apply(delta);
        }

        var expect = golden.GetProperty("expect");
        var expected = expect.GetProperty("local_kvs").EnumerateArray().Append(expect.GetProperty("local_cluster_config"))
            .ToDictionary(pair => pair.GetProperty("key").GetString()!, pair => pair.GetProperty("value").GetString()!);
        var canaries = expect.GetProperty("local_canaries").EnumerateArray().Select(canary => canary.GetString()!).ToHashSet();
        Assert.Equal(
            expected.OrderBy(pair => pair.Key),
            run.Etcd.Entries.Where(entry => !canaries.Contains(entry.Key))
                .Select(entry => KeyValuePair.Create(entry.Key, Encoding.UTF8.GetString(entry.Value))).OrderBy(pair => pair.Key));
        Assert.Superset(canaries, run.Etcd.Entries.Select(entry => entry.Key).ToHashSet());

        run.Feed.Remove(name);
        run.Pass(TimeSpan.FromMinutes(3));
        Assert.Empty(run.Etcd.Entries);
    }

    // The source's side as the daemon has it: one complete list.
    private static List<ClusterDelta> Replicate(ClusterName name, JsonElement golden)
    {
        var json = Encoding.UTF8.GetBytes(golden.GetProperty("remote_cluster_config").GetRawText());
        Assert.True(CiliumClusterConfig.TryParse(json, out var config, out _));
        var entries = golden.GetProperty("kvs").EnumerateArray()
            .Select(pair => new SourceEntry(pair.GetProperty("key").GetString()!, Bytes(pair.GetProperty("value").GetString()!), 5, 5))
            .OrderBy(entry => entry.Key, StringComparer.Ordinal).ToList();
        var replica = new SourceReplica(name, new Random(1));
        replica.BeginResync(1, 10, config, new SourceEntry(CiliumKeys.ClusterConfig(name), json, 5, 5));
        var kinds = replica.SeeCanaries(entries.Select(entry => entry.Key));
        replica.BeginList(kinds, 10);
        foreach (var kind in kinds)
        {
            var range = replica.Layout!.RangeOf(kind);
            replica.AddPage(kind, new SourcePage(
                [.. entries.Where(entry => entry.Key.StartsWith(range.Start, StringComparison.Ordinal))], 10, null));
        }

        return [replica.EndList(0)];
    }

    private static MirrorRun Filled(JsonElement golden)
    {
        var run = new MirrorRun();
        var keys = golden.GetProperty("kvs").EnumerateArray().Select(pair => pair.GetProperty("key").GetString()!).ToList();
        foreach (var name in new[] { "foo", "foobar", "baz" }.Select(ClusterName.Parse))
        {
            var data = SinkKeys.Resources.SelectMany(kind => keys
                .Where(key => key.StartsWith(SinkKeys.Prefix(name, kind), StringComparison.Ordinal))
                .Select(key => Put(kind, key[SinkKeys.Prefix(name, kind).Length..], "value")));
            run.Apply(Delta(name, [Config("{}"), .. data], [.. SinkKeys.Resources]));
        }

        Assert.Subset(run.Etcd.Entries.Select(entry => entry.Key).ToHashSet(), keys.ToHashSet());
        return run;
    }

    private static void AssertStep(MirrorRun run, JsonElement step)
    {
        foreach (var (list, held) in new[] { ("present", true), ("untouched", true), ("deleted", false) })
        {
            if (step.TryGetProperty(list, out var keys))
            {
                Assert.All(keys.EnumerateArray(), key => Assert.Equal(held, run.Etcd.Holds(key.GetString()!)));
            }
        }
    }
}
