using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.TestSupport.Sinks;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>
/// The order of writes of Cilium's queue with one worker, against our sink. Cilium promises no order between different
/// keys, and ours writes several at once: what is compared is each key's own sequence, and the canary's place.
/// </summary>
internal sealed partial class WriterVectors(GoldenCase golden)
{
    private const string Prefix = "cilium/cache/nodes/v1/qux/";
    private const string Canary = "cilium/synced/qux/cilium/cache/nodes/v1";
    private static readonly ClusterName Qux = ClusterName.Parse("qux");

    private MirrorRun _run = NewRun();

    public void Run()
    {
        foreach (var item in golden.Expect.GetProperty("cases").EnumerateArray())
        {
            var name = item.GetProperty("name").GetString()!;
            if (name.Contains("expired", StringComparison.Ordinal))
            {
                Expires();
            }
            else if (item.TryGetProperty("writes", out var writes))
            {
                Plays(name, item, [.. writes.EnumerateArray().Select(write => write.GetString()!)]);
            }
            else if (!item.TryGetProperty("canary", out _))
            {
                // A canary of another name than its resource: ours are the constants that the mirrored vectors check.
                throw new InvalidDataException($"{golden.File}: the case '{name}' is unknown");
            }
        }
    }

    private void Plays(string name, JsonElement item, List<string> expected)
    {
        // Without operations they are what is written.
        var ops = item.TryGetProperty("ops", out var given)
            ? given.EnumerateArray().Select(op => op.GetString()!).ToList()
            : [.. expected.Select(write => write.Contains("canary", StringComparison.Ordinal) ? "Synced" : $"upsert {Bare(write)}").Distinct()];
        var failed = expected.Where(write => Failing().IsMatch(write)).Select(write => Bare(write).Split('=')[0]).ToHashSet();
        if (ops.Any(op => op.StartsWith("Synced", StringComparison.Ordinal)))
        {
            // A canary is written once.
            _run = NewRun();
        }

        FailOnce(failed);
        var before = _run.Etcd.Transactions.Count;
        var announced = new HashSet<string>();
        var beforeCanary = new HashSet<string>();
        for (var i = 0; i < ops.Count; i++)
        {
            var op = Operation().Match(ops[i]);
            Assert.True(op.Success, $"{golden.File}: the operation '{ops[i]}' is not understood");
            switch (op.Groups["what"].Value)
            {
                case "upsert":
                    // Told without a value: another one than before.
                    var key = op.Groups["key"].Value;
                    announced.Add(key);
                    var value = op.Groups["value"].Success ? op.Groups["value"].Value : name;
                    _run.Feed.Apply(MirrorRun.Delta(Qux, [MirrorRun.Put(ResourceKind.Nodes, key, value)]));
                    break;
                case "delete":
                    _run.Feed.Apply(MirrorRun.Delta(Qux, [MirrorRun.Delete(ResourceKind.Nodes, op.Groups["key"].Value)]));
                    break;
                default:
                    beforeCanary.UnionWith(announced);
                    _run.Feed.Apply(MirrorRun.Delta(Qux, [], ResourceKind.Nodes));
                    break;
            }

            if (i == 0 || !name.Contains("in flight", StringComparison.Ordinal))
            {
                // The first write stays under way while the rest is told.
                _run.Start();
            }
        }

        _run.Pass(TimeSpan.FromMinutes(2));
        _run.Etcd.Applying = null;
        AssertWrites(name, expected, [.. _run.Etcd.Transactions.Skip(before).SelectMany(operations => operations)], beforeCanary);
    }

    private static void AssertWrites(string name, List<string> expected, List<StoreOperation> writes, HashSet<string> beforeCanary)
    {
        var seen = writes.Where(write => write.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(write => (Key: write.Key[Prefix.Length..], Text: write.IsDelete ? "DELETE" : Encoding.UTF8.GetString(write.Value!))).ToList();
        var succeeded = expected.Where(write => !Failing().IsMatch(write) && write != "cb" && !write.Contains("cilium/synced/", StringComparison.Ordinal)
            && !write.StartsWith("canary", StringComparison.Ordinal)).Select(Bare).ToList();
        foreach (var write in succeeded)
        {
            var parts = write.Split('=', 2);
            Assert.True(
                seen.Count(at => at.Key == parts[0]) == succeeded.Count(other => other.Split('=')[0] == parts[0])
                    && (parts.Length == 1 || seen.Contains((parts[0], parts[1]))),
                $"'{name}': {write} among {string.Join(", ", seen)}");
        }

        Assert.Equal(succeeded.Select(write => write.Split('=')[0]).Distinct().Order(), seen.Select(write => write.Key).Distinct().Order());
        if (expected.Any(write => write.Contains("cilium/synced/", StringComparison.Ordinal) || write.StartsWith("canary", StringComparison.Ordinal)))
        {
            var canary = writes.FindIndex(write => write.Key == Canary);
            Assert.True(canary >= 0, $"'{name}': no canary");
            Assert.All(beforeCanary, key => Assert.InRange(writes.FindIndex(write => write.Key == Prefix + key), 0, canary - 1));
        }
    }

    // The write itself is refused, once.
    private void FailOnce(HashSet<string> keys)
    {
        var left = keys.Select(key => key.StartsWith("canary", StringComparison.Ordinal) ? Canary : Prefix + key).ToHashSet();
        _run.Etcd.Applying = operations =>
        {
            if (operations.FirstOrDefault(operation => left.Contains(operation.Key)) is { Key: { } key })
            {
                if (operations.Count == 1)
                {
                    left.Remove(key);
                }

                throw new StoreException(StoreFailure.Refused, $"injected failure on {key}");
            }
        };
    }

    private void Expires()
    {
        Assert.True(_run.Etcd.Holds(Canary));
        foreach (var lease in _run.Etcd.Leases.ToList())
        {
            _run.Etcd.Revoke(lease);
        }

        Assert.Empty(_run.Etcd.Entries);
        _run.Pass(_run.Options.LeaseTtl / 3);
        Assert.True(_run.Etcd.Holds(Canary));
        Assert.Contains(_run.Etcd.Entries, entry => entry.Key.StartsWith(Prefix, StringComparison.Ordinal));
    }

    private static MirrorRun NewRun()
    {
        var run = new MirrorRun();
        run.Apply(MirrorRun.Delta(Qux, [MirrorRun.Config("{}")]));
        return run;
    }

    private static string Bare(string write) => Decoration().Replace(write, "$1");

    [GeneratedRegex(@"\((err|error)\)")]
    private static partial Regex Failing();

    [GeneratedRegex(@"^(?:DELETE |/foo/bar/)?(.*?)(?: ?\((?:err|error)\)| rewritten)?$")]
    private static partial Regex Decoration();

    [GeneratedRegex(@"^(?<what>upsert|delete|Synced)(?: (?<key>[a-z0-9]+)(?:=(?<value>[A-Za-z0-9]+))?(?: \(.*\))?|\(.*\))?$")]
    private static partial Regex Operation();
}
