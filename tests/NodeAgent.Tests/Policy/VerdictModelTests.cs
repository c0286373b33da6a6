using CsCheck;
using KvStoreMesh.NodeAgent.Identities;
using KvStoreMesh.NodeAgent.Policy;

namespace KvStoreMesh.NodeAgent.Tests.Policy;

/// <summary>From the text of policies to the lookup in the map, against a model that asks every rule.</summary>
public sealed class VerdictModelTests
{
    private static readonly (string Protocol, int Port)[] Probes =
        [.. from protocol in (string[])["TCP", "UDP", "SCTP"] from port in Enumerable.Range(8078, 20).Append(1).Append(65535) select (protocol, port)];

    [Fact]
    public void Every_verdict_of_the_map_is_that_of_the_rules() => ModelPolicy.Generator.Array[0, 4].Sample(
        policies =>
        {
            var spec = new EnforcerSpec().Endpoints(EnforcerSpec.Endpoint).Policies([.. policies.Select(policy => policy.Yaml())]);
            foreach (var pod in ModelPolicy.Pods)
            {
                spec.Pod(pod);
            }

            spec.Round();
            return Disagreement(spec, policies, ModelPolicy.Pods) is null;
        },
        iter: 200,
        print: policies => string.Join("---\n", policies.Select(policy => policy.Yaml())));

    [Fact]
    public void Identities_that_come_change_and_go_leave_the_map_as_if_it_were_made_anew() => Gen.Select(
        ModelPolicy.Generator.Array[0, 3], ModelPolicy.Generator.Array[0, 3], Gen.Int[0, 7].Array[0, 20]).Sample(
        (before, after, toggles) =>
        {
            HashSet<int> present = [];
            var spec = new EnforcerSpec().Endpoints(EnforcerSpec.Endpoint).Policies([.. before.Select(policy => policy.Yaml())]).Round();
            for (var i = 0; i < toggles.Length; i++)
            {
                var pod = ModelPolicy.Pods[toggles[i]];
                if (!present.Remove(toggles[i]))
                {
                    present.Add(toggles[i]);
                    spec.Pod(pod);
                }
                else
                {
                    spec.Identities.Remove(Some.Cluster(pod.Cluster!), $"{pod.Id}");
                }

                if (i == toggles.Length / 2)
                {
                    spec.Policies([.. after.Select(policy => policy.Yaml())]);
                }

                spec.Round();
            }

            var inForce = toggles.Length > 0 ? after : before;
            var anew = new EnforcerSpec().Endpoints(EnforcerSpec.Endpoint).Policies([.. inForce.Select(policy => policy.Yaml())]);
            foreach (var index in present)
            {
                anew.Pod(ModelPolicy.Pods[index]);
            }

            anew.Round();

            return Disagreement(spec, inForce, [.. present.Select(index => ModelPolicy.Pods[index])]) is null
                && Shape(spec) == Shape(anew);
        },
        iter: 100,
        print: sample => string.Join("---\n", sample.Item1.Select(policy => policy.Yaml())) + "=== then\n" + string.Join("---\n", sample.Item2.Select(policy => policy.Yaml())));

    [Fact]
    public void The_explanation_says_what_the_map_says() => ModelPolicy.Generator.Array[0, 3].Sample(
        policies =>
        {
            var spec = new EnforcerSpec().Endpoints(EnforcerSpec.Endpoint).Policies([.. policies.Select(policy => policy.Yaml())]);
            foreach (var pod in ModelPolicy.Pods)
            {
                spec.Pod(pod);
            }

            spec.Round();
            var tracer = new PolicyTracer(spec.Enforcer, spec.Identities, Some.Cluster("a"));
            foreach (var remote in ModelPolicy.Pods.Concat(ModelPolicy.Reserved))
            {
                foreach (var (protocol, port) in Probes.Where((_, i) => i % 5 == 0))
                {
                    var into = tracer.Trace(new($"{remote.Id}", "demo/be", $"{port}/{protocol}"));
                    var outOf = tracer.Trace(new("demo/be", $"{remote.Id}", $"{port}/{protocol}"));
                    if (into.Ingress.IsAllowed != spec.Passes(remote.Id, true, protocol, port)
                        || outOf.Egress.IsAllowed != spec.Passes(remote.Id, false, protocol, port))
                    {
                        return false;
                    }
                }
            }

            return true;
        },
        iter: 30);

    [Fact]
    public void A_range_is_split_into_the_fewest_blocks_that_hold_exactly_its_ports() => Gen.Select(Gen.UShort, Gen.UShort).Sample((a, b) =>
    {
        var range = new PortRange(PortRange.Tcp, Math.Min(a, b), Math.Max(a, b));
        var blocks = range.Prefixes().Select(block => (First: (int)block.Port, Last: block.Port + (1 << (16 - block.PrefixBits)) - 1)).ToList();
        var joined = blocks[0].First == range.First && blocks[^1].Last == range.Last
            && blocks.Zip(blocks.Skip(1)).All(pair => pair.First.Last + 1 == pair.Second.First);
        return joined && blocks.All(block => block.First % (block.Last - block.First + 1) == 0) && blocks.Count <= 30;
    });

    [Theory]
    [InlineData(8080, 8090, "8080/13 8088/15 8090/16")]
    [InlineData(30000, 32767, "30000/12 30016/10 30080/9 30208/7 30720/5")]
    [InlineData(0, 65535, "0/0")]
    [InlineData(65535, 65535, "65535/16")]
    public void Ranges_are_split_as_Cilium_does(int first, int last, string expected) => Assert.Equal(
        expected, string.Join(' ', new PortRange(PortRange.Tcp, (ushort)first, (ushort)last).Prefixes().Select(block => $"{block.Port}/{block.PrefixBits}")));

    private static string? Disagreement(EnforcerSpec spec, ModelPolicy.Policy[] policies, IReadOnlyList<ModelPolicy.Remote> pods)
    {
        var cidrs = spec.Identities.All.Where(identity => identity.Cidr is not null)
            .Select(identity => new ModelPolicy.Remote(identity.Id, null, null, null, null, identity.Cidr!.Value.ToString()));
        foreach (var remote in pods.Concat(ModelPolicy.Reserved).Concat(cidrs))
        {
            foreach (var ingress in (bool[])[true, false])
            {
                foreach (var (protocol, port) in Probes)
                {
                    if (spec.Passes(remote.Id, ingress, protocol, port) != ModelPolicy.Allows(policies, remote, ingress, protocol, port))
                    {
                        return $"{remote} {(ingress ? "ingress" : "egress")} {port}/{protocol}";
                    }
                }
            }
        }

        return null;
    }

    private static string Shape(EnforcerSpec spec) => string.Join('\n', spec.Map.Select(entry =>
        $"{Who(spec, entry.Key.Identity)} {entry.Key.Direction} {entry.Key.Protocol} {entry.Key.Port}/{entry.Key.PortPrefixBits} "
        + $"{entry.Value.IsDeny} {entry.Value.Precedence}").Order());

    // The numbers of prefixes and endpoints of this node depend on who came first; what they stand for does not.
    private static string Who(EnforcerSpec spec, uint id) =>
        SecurityIdentity.IsLocal(id) ? SecurityIdentity.KeyOf(spec.Identities.Find(id)!.Labels) : $"{id}";
}
