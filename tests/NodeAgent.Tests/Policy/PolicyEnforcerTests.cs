using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Identities;
using KvStoreMesh.NodeAgent.IpCache;

namespace KvStoreMesh.NodeAgent.Tests.Policy;

/// <summary>Files that come, break and go; endpoints; restarts.</summary>
public sealed class PolicyEnforcerTests
{
    private const string FromFe = "{endpointSelector: {matchLabels: {app: be}}, ingress: [{fromEndpoints: [{matchLabels: {app: fe, io.cilium.k8s.policy.cluster: b}}], toPorts: [{ports: [{port: '8080', protocol: TCP}]}]}]}";

    private static readonly ModelPolicy.Remote Fe = ModelPolicy.Pods.Single(pod => (pod.Cluster, pod.Namespace, pod.App) == ("b", "demo", "fe"));

    [Fact]
    public void The_entries_are_Ciliums()
    {
        var spec = new EnforcerSpec().Endpoints(EnforcerSpec.Endpoint).Policies(EnforcerSpec.Cnp(FromFe)).Pod(Fe).Round();

        Assert.Equal(
            [
                $"{Fe.Id} Ingress 6 8080/16 allow ffffff01",
                "0 Egress 0 0/0 allow ffffff01",
                "1 Ingress 0 0/0 allow fffff501",
            ],
            spec.Map.OrderByDescending(entry => entry.Key.Identity == Fe.Id).ThenBy(entry => entry.Key.Identity).Select(entry =>
                $"{entry.Key.Identity} {entry.Key.Direction} {entry.Key.Protocol} {entry.Key.Port}/{entry.Key.PortPrefixBits} "
                + $"{(entry.Value.IsDeny ? "deny" : "allow")} {entry.Value.Precedence:x}"));
    }

    [Fact]
    public void A_broken_file_leaves_what_it_held_before_in_force_and_says_so()
    {
        var spec = new EnforcerSpec().Endpoints(EnforcerSpec.Endpoint).Policies(EnforcerSpec.Cnp(FromFe)).Pod(Fe).Round();
        var before = spec.Map;

        spec.Policies("spec: [").Round();

        Assert.Equal(before.Order(ByKey), spec.Map.Order(ByKey));
        var file = Assert.Single(spec.Enforcer.PolicyFiles);
        Assert.Contains("is no valid YAML", file.Problem, StringComparison.Ordinal);
        Assert.True(file.HasLastGood);
        Assert.False(spec.Enforcer.IsFrozen);
        spec.Policies(EnforcerSpec.Cnp("{endpointSelector: {}, ingress: [{}]}")).Round();
        Assert.Null(Assert.Single(spec.Enforcer.PolicyFiles).Problem);
        Assert.False(spec.Passes(Fe.Id, true, "TCP", 8080));
    }

    [Fact]
    public void A_removed_file_opens_what_it_closed()
    {
        var spec = new EnforcerSpec().Endpoints(EnforcerSpec.Endpoint).Policies(EnforcerSpec.Cnp(FromFe)).Round();
        Assert.False(spec.Passes(9, true, "TCP", 8080));

        spec.Policies().Round();

        Assert.True(spec.Passes(9, true, "TCP", 8080));
        Assert.Equal(2, spec.Map.Count);
    }

    [Fact]
    public void After_a_restart_with_a_broken_file_the_maps_stay_as_they_were()
    {
        var datapath = new MemoryPolicyDatapath(100);
        var first = new EnforcerSpec(datapath).Endpoints(EnforcerSpec.Endpoint).Policies(EnforcerSpec.Cnp(FromFe)).Pod(Fe).Round();
        var before = first.Map;

        var second = new EnforcerSpec(datapath).Policies("broken: [").Endpoints(EnforcerSpec.Endpoint).Pod(Fe).Round();

        Assert.True(second.Enforcer.IsFrozen);
        Assert.Equal(before.Order(ByKey), second.Map.Order(ByKey));
        second.Policies(EnforcerSpec.Cnp("{endpointSelector: {}, ingress: [{}]}")).Round();
        Assert.False(second.Passes(Fe.Id, true, "TCP", 8080));
    }

    [Fact]
    public void After_a_restart_entries_wait_for_their_clusters_identities()
    {
        var datapath = new MemoryPolicyDatapath(100);
        new EnforcerSpec(datapath).Endpoints(EnforcerSpec.Endpoint).Policies(EnforcerSpec.Cnp(FromFe)).Pod(Fe).Round();

        var second = new EnforcerSpec(datapath).Policies(EnforcerSpec.Cnp(FromFe)).Endpoints(EnforcerSpec.Endpoint).Round(release: false);
        Assert.True(second.Passes(Fe.Id, true, "TCP", 8080));

        second.Round(release: true);
        Assert.False(second.Passes(Fe.Id, true, "TCP", 8080));
    }

    [Fact]
    public void Numbers_and_local_identities_outlive_a_restart()
    {
        var datapath = new MemoryPolicyDatapath(100);
        string[] endpoints = [EnforcerSpec.Endpoint, "{name: x.y, labels: {app: x}, ips: [10.9.0.3], interface: h1}\n---\n{name: z, ips: [10.9.0.4], interface: h2}"];
        var policy = EnforcerSpec.Cnp("{endpointSelector: {}, egress: [{toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]}]}");
        var first = new EnforcerSpec(datapath).Endpoints(endpoints).Policies(policy).Round();
        var rows = first.IpCache.Prefixes.ToDictionary(prefix => prefix, prefix => first.IpCache.Find(prefix)!.Value);

        var second = new EnforcerSpec(datapath, adopted: rows).Policies(policy).Endpoints([.. endpoints.Reverse()]).Round();

        Assert.Equal(
            first.Enforcer.Endpoints.Select(record => (record.Spec.FullName, record.Number, record.Identity)),
            second.Enforcer.Endpoints.Select(record => (record.Spec.FullName, record.Number, record.Identity)));
        Assert.Equal(rows.OrderBy(row => row.Key), second.IpCache.Prefixes.Select(prefix => KeyValuePair.Create(prefix, second.IpCache.Find(prefix)!.Value)).OrderBy(row => row.Key));
    }

    [Fact]
    public void An_endpoint_has_the_clusters_identity_of_exactly_its_labels_and_else_one_of_this_node()
    {
        var own = ModelPolicy.Pods.Single(pod => (pod.Cluster, pod.Namespace, pod.App) == ("a", "demo", "be"));
        var spec = new EnforcerSpec().Endpoints(EnforcerSpec.Endpoint).Policies().Round();
        var record = Assert.Single(spec.Enforcer.Endpoints);
        Assert.True(SecurityIdentity.IsLocal(record.Identity));
        Assert.Equal(record.Identity, spec.IpCache.Find(Prefix("10.9.0.2"))?.Identity);

        spec.Pod(own).Round();
        Assert.Equal(own.Id, record.Identity);
        Assert.Equal(own.Id, spec.IpCache.Find(Prefix("fd09::2"))?.Identity);
        Assert.DoesNotContain(spec.Identities.All, identity => SecurityIdentity.IsLocal(identity.Id));

        spec.Identities.Remove(Some.Cluster("a"), $"{own.Id}");
        spec.Round();
        Assert.True(SecurityIdentity.IsLocal(record.Identity));
    }

    [Fact]
    public void Endpoints_that_contradict_each_other_are_refused_and_say_why()
    {
        var spec = new EnforcerSpec().Policies().Endpoints(
            EnforcerSpec.Endpoint,
            "{name: be, namespace: demo, interface: h9}",
            "{name: other, ips: [10.9.0.2], interface: h9}",
            "{name: third, id: 42, interface: h9}").Round();

        Assert.Equal("demo/be", Assert.Single(spec.Enforcer.Endpoints).Spec.FullName);
        Assert.Equal(
            ["demo/be: e1.yaml: demo/be stands in an earlier file or document", "default/other: e2.yaml: 10.9.0.2/32 is the address of demo/be", "default/third: e3.yaml: the number 42 is another endpoint's; leave id out"],
            spec.Enforcer.RefusedEndpoints.Select(refused => $"{refused.Endpoint.FullName}: {refused.Problem}"));
    }

    [Fact]
    public void A_removed_endpoint_is_freed_also_when_the_agent_was_away()
    {
        var datapath = new MemoryPolicyDatapath(100);
        var first = new EnforcerSpec(datapath).Policies().Endpoints(EnforcerSpec.Endpoint, "{name: z, ips: [10.9.0.4], interface: h2}").Round();
        first.Endpoints(EnforcerSpec.Endpoint).Round();
        Assert.Equal(["demo/be"], datapath.Owners().Values);
        Assert.Null(first.IpCache.Find(Prefix("10.9.0.4")));

        new EnforcerSpec(datapath).Policies().Endpoints().Round();
        Assert.Empty(datapath.Owners());
    }

    [Fact]
    public void Files_of_endpoints_that_cannot_be_used_are_refused_by_their_field()
    {
        foreach (var (text, expected) in ((string, string)[])
        [
            ("{name: x}", "must have one of interface and cgroup"),
            ("{name: x, interface: a, cgroup: /b}", "must have one of interface and cgroup"),
            ("{interface: a}", "name must be there"),
            ("{name: X, interface: a}", "name must be lower-case"),
            ("{name: x, interface: a, ips: [10.0.0.1/24]}", "which is no IP address"),
            ("{name: x, interface: a, id: 65536}", "id must be a number from 1 to 65535"),
            ("{name: x, cgroup: relative}", "cgroup must be the absolute path"),
            ("{name: x, interface: a, port: 1}", "port is not supported"),
            ("", "is empty"),
        ])
        {
            var spec = new EnforcerSpec().Policies().Endpoints(text);
            Assert.Contains(expected, Assert.Single(spec.Enforcer.EndpointFiles).Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_full_map_keeps_denials_and_says_so()
    {
        var spec = new EnforcerSpec(new MemoryPolicyDatapath(1)).Endpoints(EnforcerSpec.Endpoint)
            .Policies(EnforcerSpec.Cnp("{endpointSelector: {}, ingressDeny: [{fromEntities: [world-ipv4]}], egress: [{toEntities: [all]}]}"));
        spec.Enforcer.Update();

        Assert.Contains("policy of endpoint demo/be: the policy map is full", spec.Enforcer.Put(), StringComparison.Ordinal);
        Assert.True(Assert.Single(spec.Map).Value.IsDeny);
    }

    [Fact]
    public void Enforcement_may_be_always_or_never()
    {
        var always = new EnforcerSpec(options: new() { Mode = NodeAgent.Policy.PolicyEnforcementMode.Always }).Endpoints(EnforcerSpec.Endpoint).Policies().Round();
        Assert.False(always.Passes(9, true, "TCP", 80));
        Assert.False(always.Passes(1, false, "TCP", 80));
        Assert.True(always.Passes(1, true, "TCP", 80));
        var never = new EnforcerSpec(options: new() { Mode = NodeAgent.Policy.PolicyEnforcementMode.Never }).Endpoints(EnforcerSpec.Endpoint)
            .Policies(EnforcerSpec.Cnp("{endpointSelector: {}, ingressDeny: [{fromEntities: [all]}]}")).Round();
        Assert.True(never.Passes(9, true, "TCP", 80));
    }

    private static Comparer<KeyValuePair<PolicyKey, PolicyEntry>> ByKey =>
        Comparer<KeyValuePair<PolicyKey, PolicyEntry>>.Create((a, b) => string.CompareOrdinal($"{a}", $"{b}"));

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out var prefix) ? prefix : throw new FormatException(text);
}
