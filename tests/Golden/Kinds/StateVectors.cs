using System.Text.Json;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Golden.Mesh;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>What a cluster's exporter writes: mirrored byte for byte, followed change by change, and accepted by an agent.</summary>
internal sealed class StateVectors(GoldenCase golden)
{
    private ClusterName Cluster => golden.Cluster;

    public GoldenCheck? Check(string name) => name switch
    {
        "" => new("every value is mirrored byte for byte and accepted by an agent", Mirrored),
        "kvstoremesh_reflects_to" => new(name, ReflectedLiterally),
        "synced_key" => new(name, AwaitsItsCanary),
        "then" => new(name, FollowsSteps),
        "sequence" => new(name, FollowsStates),
        "variants" => new(name, ConfigIsRewritten),
        "agent_accepts" => new(name, AgentAccepts),
        "agent_key_after_prefix" => new(name, AgentSeesNames),
        "reflected" => new(name, Mirrored),
        "decode_must_give" => GoldenCheck.NotApplicable(
            name, "nobody reads endpoint slices yet: the agent takes services, which the same sources export; the bytes are checked"),
        "enforcement" => GoldenCheck.NotApplicable(name, "of the exporter; the copy's enforcement is the sink's, see its own tests"),
        _ => null,
    };

    private GoldenMesh Filled(bool canaries = true)
    {
        var mesh = new GoldenMesh();
        foreach (var cluster in Clusters())
        {
            var source = mesh.Source(cluster);
            source.PutConfig(GoldenMesh.FullConfig.Replace("ID", Id(cluster), StringComparison.Ordinal));
            if (canaries)
            {
                source.PutCanaries(Enum.GetValues<ResourceKind>().Where(kind => kind != ResourceKind.ClusterConfig));
            }

            foreach (var pair in PairsOf(cluster))
            {
                source.Etcd.Put(pair.Key, pair.Value);
            }

            Assert.True(source.Resync(), $"{cluster} has no valid config");
        }

        return mesh;
    }

    private List<ClusterName> Clusters() =>
        [.. golden.Pairs.Select(pair => pair.Cluster).OfType<string>().Select(ClusterName.Parse).Append(Cluster).Distinct()];

    private IEnumerable<GoldenPair> PairsOf(ClusterName cluster) => golden.Pairs.Where(pair => (pair.Cluster ?? Cluster.Value) == cluster.Value);

    // The id that the case tells, or that stands in the cluster's values; agents compare them.
    private string Id(ClusterName cluster)
    {
        if (cluster == Cluster && golden.Root.TryGetProperty("cluster", out var own))
        {
            return own.GetProperty("id").GetRawText();
        }

        return "1";
    }

    private void Mirrored()
    {
        var mesh = Filled();
        var expected = Clusters().SelectMany(cluster => PairsOf(cluster).Select(pair => (Key: GoldenPair.Mirrored(pair.Key, cluster.Value), pair.Value)))
            .Where(pair => pair.Key is not null).GroupBy(pair => pair.Key!)
            .ToDictionary(group => group.Key, group => Convert.ToHexString(group.Last().Value));
        Assert.Equal(expected.OrderBy(pair => pair.Key), mesh.LocalData().OrderBy(pair => pair.Key));
        if (!golden.Expect.TryGetProperty("agent_accepts", out _))
        {
            Assert.Empty(mesh.Agent.Refused);
        }

        // Every form of a value that is given in several forms.
        foreach (var cluster in Clusters())
        {
            foreach (var pair in PairsOf(cluster).Where(pair => GoldenPair.Mirrored(pair.Key, cluster.Value) is not null))
            {
                mesh.Source(cluster).Etcd.Put(pair.Key, pair.Value);
                mesh.Source(cluster).PumpAll();
                Assert.Equal(Convert.ToHexString(pair.Value), mesh.LocalData()[GoldenPair.Mirrored(pair.Key, cluster.Value)!]);
            }
        }
    }

    private void ReflectedLiterally()
    {
        var expected = GoldenCase.PairsIn(golden.Expect.GetProperty("kvstoremesh_reflects_to"))
            .ToDictionary(pair => pair.Key, pair => Convert.ToHexString(pair.Value));
        Assert.Equal(expected.OrderBy(pair => pair.Key), Filled().LocalData().OrderBy(pair => pair.Key));
    }

    private void AwaitsItsCanary()
    {
        var mesh = Filled(canaries: false);
        Assert.Empty(mesh.LocalData());
        var source = mesh.Source(Cluster);
        source.Etcd.Put(golden.Expect.GetProperty("synced_key").GetString()!, "now");
        source.PumpAll();
        Assert.Equal(Filled().LocalData().OrderBy(pair => pair.Key), mesh.LocalData().OrderBy(pair => pair.Key));
    }

    private void FollowsSteps()
    {
        var mesh = Filled();
        var state = PairsOf(Cluster).GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Last());
        foreach (var step in golden.Expect.GetProperty("then").EnumerateArray())
        {
            if (step.TryGetProperty("delete", out var key))
            {
                state.Remove(key.GetString()!);
            }
            else
            {
                var pair = GoldenCase.PairsOf(step.GetProperty("put")).Last();
                state[pair.Key] = pair;
            }

            mesh.SetState(Cluster, state.Values);
            AssertState(mesh, state.Values, step);
        }
    }

    private void FollowsStates()
    {
        var watching = Filled();
        foreach (var step in golden.Expect.GetProperty("sequence").EnumerateArray())
        {
            var state = GoldenCase.PairsIn(step.GetProperty("state")).ToList();
            watching.SetState(Cluster, state);
            AssertState(watching, state, step);
        }

        // The same by lists alone: the connection is lost before each step and comes back after it.
        var listing = Filled();
        foreach (var step in golden.Expect.GetProperty("sequence").EnumerateArray())
        {
            var state = GoldenCase.PairsIn(step.GetProperty("state")).ToList();
            listing.Source(Cluster).Disconnect();
            listing.SetState(Cluster, state);
            Assert.True(listing.Source(Cluster).Resync());
            AssertState(listing, state, step);
        }
    }

    private void AssertState(GoldenMesh mesh, IEnumerable<GoldenPair> state, JsonElement step)
    {
        var expected = state.ToDictionary(pair => GoldenPair.Mirrored(pair.Key, Cluster.Value)!, pair => Convert.ToHexString(pair.Value));
        var actual = mesh.LocalData();
        Assert.True(
            expected.OrderBy(pair => pair.Key, StringComparer.Ordinal).SequenceEqual(actual.OrderBy(pair => pair.Key, StringComparer.Ordinal)),
            $"after '{(step.TryGetProperty("step", out var name) ? name.GetString() : "a step")}' the local etcd holds {string.Join(", ", actual.Keys)}");
        Assert.Empty(mesh.Agent.Refused);
    }

    private void ConfigIsRewritten()
    {
        foreach (var variant in golden.Expect.GetProperty("variants").EnumerateArray())
        {
            var own = GoldenCase.PairsOf(variant.GetProperty("kv")).Single();
            var copy = GoldenCase.PairsOf(variant.GetProperty("kvstoremesh_rewrites_locally_as")).Single();
            var mesh = new GoldenMesh();
            var source = mesh.Source(ClusterName.Parse(own.Cluster!));
            source.Etcd.Put(own.Key, own.Value);
            Assert.True(source.Resync());
            Assert.Equal(GoldenMesh.Text(copy.Value), mesh.LocalValue(copy.Key));
        }
    }

    private void AgentAccepts()
    {
        var refused = Filled().Agent.Refused;
        Assert.True(
            golden.Expect.GetProperty("agent_accepts").GetBoolean() == (refused.Count == 0), $"the agent refused: {string.Join("; ", refused)}");
    }

    private void AgentSeesNames()
    {
        var mesh = Filled();
        var names = mesh.Agent.InForce(Cluster, [.. Enum.GetValues<ResourceKind>()]).Keys.Select(key => key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        Assert.Superset(golden.Expect.GetProperty("agent_key_after_prefix").EnumerateArray().Select(name => name.GetString()!).ToHashSet(), names.ToHashSet());
    }
}
