using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Golden.Mesh;
using KvStoreMesh.TestSupport.Sinks;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>What Cilium's KVStoreMesh leaves in the local etcd, and how it removes it.</summary>
internal sealed partial class KvStoreMeshVectors(GoldenCase golden)
{
    private static readonly TimeSpan GracePeriod = TimeSpan.FromMinutes(3);

    public GoldenCheck? Check(string name) => name switch
    {
        "" => null,
        "local_cluster_config" => new(name, ConfigIsCopied),
        "local_kvs" => new(name, DataIsMirrored),
        "local_canaries" => new(name, CanariesAreWritten),
        "must_not_be_reflected" => new(name, NothingElse),
        "remote_canaries_watched" => new(name, CanariesAreAwaited),
        "after_remove" => new(name, RemovedWithoutTrace),
        "steps" => new(name, FollowsTimeline),
        "delete_order" => new(name, DeletesInOrder),
        "before_run" or "after_sync" or "endpointslices_only_remote" => new(name, () => new StatusVectors(golden).RunAsync(name)),
        "cases" => new(name, () => new ReflectorVectors(golden).Run()),
        _ => null,
    };

    private GoldenMesh Mirrored(bool canaries = true)
    {
        var mesh = new GoldenMesh();
        var source = mesh.Source(golden.Cluster);
        source.PutConfig(golden.Root.GetProperty("remote_cluster_config").GetRawText());
        foreach (var pair in golden.Pairs.Where(pair => canaries || !pair.IsCanary))
        {
            source.Etcd.Put(pair.Key, pair.Value);
        }

        Assert.True(source.Resync());
        return mesh;
    }

    private void ConfigIsCopied()
    {
        var expected = GoldenCase.PairsOf(golden.Expect.GetProperty("local_cluster_config")).Single();
        Assert.Equal(GoldenMesh.Text(expected.Value), Mirrored().LocalValue(expected.Key));
    }

    private void DataIsMirrored()
    {
        var expected = GoldenCase.PairsIn(golden.Expect.GetProperty("local_kvs")).ToDictionary(pair => pair.Key, pair => Convert.ToHexString(pair.Value));
        Assert.Equal(expected.OrderBy(pair => pair.Key), Mirrored().LocalData().OrderBy(pair => pair.Key));
    }

    private void CanariesAreWritten()
    {
        var written = Mirrored().LocalContent().Keys.Where(key => key.StartsWith("cilium/synced/", StringComparison.Ordinal));
        Assert.Superset(golden.Expect.GetProperty("local_canaries").EnumerateArray().Select(key => key.GetString()!).ToHashSet(), written.ToHashSet());
    }

    private void NothingElse()
    {
        var mesh = Mirrored();
        var values = golden.Pairs.ToLookup(pair => pair.Key, pair => Convert.ToHexString(pair.Value));
        foreach (var key in golden.Expect.GetProperty("must_not_be_reflected").EnumerateArray().Select(key => key.GetString()!))
        {
            Assert.DoesNotContain(values[key].Single(), mesh.LocalData().Values);
        }
    }

    private void CanariesAreAwaited()
    {
        var mesh = Mirrored(canaries: false);
        if (golden.Expect.GetProperty("remote_canaries_watched").GetBoolean())
        {
            Assert.Empty(mesh.LocalData());
            foreach (var canary in golden.Pairs.Where(pair => pair.IsCanary))
            {
                mesh.Source(golden.Cluster).Etcd.Put(canary.Key, canary.Value);
                mesh.Source(golden.Cluster).PumpAll();
            }
        }

        Assert.Equal(Mirrored().LocalData().OrderBy(pair => pair.Key), mesh.LocalData().OrderBy(pair => pair.Key));
    }

    private void RemovedWithoutTrace()
    {
        var run = Mirrored().Run;
        run.Feed.Remove(golden.Cluster);
        run.Pass(GracePeriod);
        Assert.Empty(run.Etcd.Entries);
    }

    private MirrorRun Filled()
    {
        var run = new MirrorRun();
        foreach (var name in golden.Pairs.Where(pair => pair.IsConfig).Select(pair => ClusterName.Parse(pair.Cluster!)))
        {
            var data = SinkKeys.Resources.SelectMany(kind => golden.Pairs
                .Where(pair => pair.Key.StartsWith(SinkKeys.Prefix(name, kind), StringComparison.Ordinal))
                .Select(pair => new MeshChange(new MeshKey(kind, pair.Key[SinkKeys.Prefix(name, kind).Length..]), pair.Value, 1, 1)));
            run.Apply(MirrorRun.Delta(name, [MirrorRun.Config("{}"), .. data], [.. SinkKeys.Resources]));
        }

        Assert.Subset(run.Etcd.Entries.Select(entry => entry.Key).ToHashSet(), golden.Pairs.Select(pair => pair.Key).ToHashSet());
        return run;
    }

    private void FollowsTimeline()
    {
        var run = Filled();
        InjectFailures(run.Etcd);
        var removedAt = new Dictionary<string, DateTimeOffset>();
        foreach (var step in golden.Expect.GetProperty("steps").EnumerateArray())
        {
            var text = step.GetProperty("t").GetString()!;
            if (text.StartsWith("context cancelled", StringComparison.Ordinal))
            {
                // The stop of the daemon ends the actor, and with it every wait: EtcdSinkActorTests.
                continue;
            }

            var when = Moment().Match(text);
            Assert.True(when.Success, $"{golden.File}: the time '{text}' is not understood");
            var cluster = when.Groups["cluster"].Value;
            if (when.Groups["remove"].Success)
            {
                run.Feed.Remove(ClusterName.Parse(cluster));
                run.Settle();
                removedAt[cluster] = run.Time.GetUtcNow();
            }

            var wait = removedAt[cluster] + TimeSpan.FromSeconds(double.Parse(when.Groups["seconds"].Value, CultureInfo.InvariantCulture)) - run.Time.GetUtcNow();
            run.Pass(wait);
            AssertKeys(run.Etcd, step, text);
        }
    }

    private void InjectFailures(FakeLocalEtcd etcd)
    {
        var failures = Failure().Matches(golden.Description).Select(match => (
            Key: match.Groups["key"].Value,
            IsRange: match.Groups["prefix"].Success,
            Times: match.Groups["times"].Success ? int.Parse(match.Groups["times"].Value, CultureInfo.InvariantCulture) : 1)).ToList();
        var left = failures.ToDictionary(failure => failure.Key, failure => failure.Times);
        etcd.Applying = operations =>
        {
            foreach (var (key, isRange, _) in failures)
            {
                if (left[key] > 0 && operations.Any(operation => operation.IsDelete && operation.Key == key && isRange == operation.RangeEnd.Length > 0))
                {
                    left[key]--;
                    throw new StoreException(StoreFailure.Refused, $"injected failure on {key}");
                }
            }
        };
    }

    private static void AssertKeys(FakeLocalEtcd etcd, JsonElement step, string at)
    {
        foreach (var (list, held) in new[] { ("present", true), ("untouched", true), ("deleted", false) })
        {
            if (step.TryGetProperty(list, out var keys))
            {
                Assert.All(keys.EnumerateArray(), key => Assert.True(held == etcd.Holds(key.GetString()!), $"{at}: {key} must be {list}"));
            }
        }
    }

    private void DeletesInOrder()
    {
        var cluster = golden.Pairs.First(pair => pair.IsConfig).Cluster!;
        var run = Filled();
        var before = run.Etcd.Transactions.Count;
        run.Feed.Remove(ClusterName.Parse(cluster));
        run.Pass(GracePeriod + TimeSpan.FromMinutes(1));

        var expected = golden.Expect.GetProperty("delete_order").EnumerateArray().Select(step => step.GetString()!)
            .Where(step => step.StartsWith("Delete", StringComparison.Ordinal)).Select(step => step.Replace("<c>", cluster, StringComparison.Ordinal));
        var deletes = run.Etcd.Transactions.Skip(before).SelectMany(operations => operations).Where(operation => operation.IsDelete)
            .Select(operation => $"{(operation.RangeEnd.Length > 0 ? "DeletePrefix" : "Delete")} {operation.Key}");
        Assert.Equal(expected, deletes);
    }

    // "remove foo, +180s", "foo, +179.999s", "remove baz: retries …(total 62 s; …)".
    [GeneratedRegex(@"^(?<remove>remove )?(?<cluster>[-a-z0-9]+)(, \+|: .*\(total )(?<seconds>[0-9.]+) ?s")]
    private static partial Regex Moment();

    [GeneratedRegex(@"Delete(?<prefix>Prefix)?\(""(?<key>[^""]+)""\) fails (once|(?<times>[0-9]+) times)")]
    private static partial Regex Failure();
}
