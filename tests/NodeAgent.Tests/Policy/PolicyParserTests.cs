using KvStoreMesh.NodeAgent.Manifests;
using KvStoreMesh.NodeAgent.Policy;

namespace KvStoreMesh.NodeAgent.Tests.Policy;

/// <summary>What is read, and above all what is refused: a field passed over would widen a rule.</summary>
public sealed class PolicyParserTests
{
    private static readonly PolicyScope Scope = new(Some.Cluster("cluster1"), DefaultsToLocalCluster: true);

    [Fact]
    public void A_policy_of_two_clusters_is_read_with_what_it_leaves_unsaid()
    {
        var spec = Assert.Single(PolicyParser.Parse("f.yaml", EnforcerSpec.Cnp(
            """{endpointSelector: {matchLabels: {app: be}}, ingress: [{fromEndpoints: [{matchLabels: {app: fe, io.cilium.k8s.policy.cluster: cluster2}}, {matchLabels: {app: own}}], toPorts: [{ports: [{port: "8080", protocol: TCP}]}]}]}"""), Scope));

        Assert.Equal("any:app=be k8s:io.kubernetes.pod.namespace=demo", spec.Subject.ToString());
        Assert.True(spec.EnforcesIngress);
        Assert.False(spec.EnforcesEgress);
        Assert.Equal(
            [
                "spec.ingress[0]: allow from any:app=fe any:io.cilium.k8s.policy.cluster=cluster2 k8s:io.kubernetes.pod.namespace=demo"
                + " | any:app=own k8s:io.kubernetes.pod.namespace=demo k8s:io.cilium.k8s.policy.cluster=cluster1 on 8080/TCP",
            ],
            spec.Rules.Select(PolicyTrace.Describe));
    }

    [Fact]
    public void Without_the_default_a_peer_is_of_any_cluster()
    {
        var spec = Assert.Single(PolicyParser.Parse(
            "f.yaml",
            EnforcerSpec.Cnp("{endpointSelector: {}, egress: [{toEndpoints: [{matchLabels: {'k8s:app': fe}}]}]}"),
            Scope with { DefaultsToLocalCluster = false }));

        Assert.Equal("k8s:app=fe k8s:io.kubernetes.pod.namespace=demo", spec.Rules[0].Peers[0].Text);
    }

    [Fact]
    public void A_clusterwide_policy_means_pods_of_every_namespace()
    {
        var spec = Assert.Single(PolicyParser.Parse(
            "f.yaml",
            "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: all}\nspec: {endpointSelector: {}, ingress: [{fromEndpoints: [{}, {matchLabels: {'reserved:host': ''}}]}]}",
            Scope));

        Assert.Equal("{}", spec.Subject.ToString());
        Assert.Equal(
            ["k8s:io.kubernetes.pod.namespace k8s:io.cilium.k8s.policy.cluster=cluster1", "reserved:host="],
            spec.Rules[0].Peers.Select(peer => peer.Text));
    }

    [Fact]
    public void Several_documents_and_specs_stand_in_one_file()
    {
        var text = EnforcerSpec.Cnp("{endpointSelector: {}, ingress: [{}]}") + "---\n"
            + "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: q}\nspecs: [{endpointSelector: {}, egress: [{}]}, {endpointSelector: {}, egressDeny: [{toEntities: [world]}]}]\n---\n";

        var specs = PolicyParser.Parse("f.yaml", text, Scope);

        Assert.Equal(["demo/p spec", "default/q specs[0]", "default/q specs[1]"], specs.Select(spec => $"{spec.Origin.Policy} {spec.Origin.Path}"));
    }

    [Theory]
    [InlineData("{endpointSelector: {}, ingress: [{fromEndpoints: [{}], fromNodes: [{}]}]}", "spec.ingress[0].fromNodes is not supported")]
    [InlineData("{endpointSelector: {}, ingress: [{fromRequires: [{}], toPorts: [{ports: [{port: '80'}]}]}]}", "fromRequires is not supported")]
    [InlineData("{endpointSelector: {}, egress: [{toFQDNs: [{matchName: x}], toPorts: [{ports: [{port: '80'}]}]}]}", "spec.egress[0].toFQDNs is not supported")]
    [InlineData("{endpointSelector: {}, egress: [{toServices: [{}]}]}", "toServices is not supported")]
    [InlineData("{endpointSelector: {}, egress: [{toGroups: [{}]}]}", "toGroups is not supported")]
    [InlineData("{endpointSelector: {}, ingress: [{authentication: {mode: required}}]}", "authentication is not supported")]
    [InlineData("{endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: '80'}], rules: {http: [{}]}}]}]}", "spec.ingress[0].toPorts[0].rules is not supported")]
    [InlineData("{endpointSelector: {}, ingress: [{fromCIDRSet: [{cidrGroupRef: x}]}]}", "fromCIDRSet[0].cidr must be there")]
    [InlineData("{nodeSelector: {}, ingress: [{}]}", "spec.nodeSelector is not supported")]
    [InlineData("{ingress: [{}]}", "spec.endpointSelector must be there")]
    [InlineData("{endpointSelector: {}, ingress: []}", "spec must have at least one of ingress")]
    [InlineData("{endpointSelector: {}, ingress: [{}], log: {value: x}}", "spec.log is not supported")]
    [InlineData("{endpointSelector: {matchlabels: {a: b}}, ingress: [{}]}", "spec.endpointSelector.matchlabels is not supported")]
    [InlineData("{endpointSelector: {matchExpressions: [{key: a, operator: Is}]}, ingress: [{}]}", "operator must be In")]
    [InlineData("{endpointSelector: {matchExpressions: [{key: a, operator: In}]}, ingress: [{}]}", "values must be there with In")]
    [InlineData("{endpointSelector: {}, ingress: [{fromEntities: [moon]}]}", "has 'moon', it must be one of all, world")]
    [InlineData("{endpointSelector: {}, ingress: [{fromEntities: [all], fromCIDR: [10.0.0.0/8]}]}", "spec.ingress[0] may have only one of fromEndpoints")]
    [InlineData("{endpointSelector: {}, ingress: [{fromCIDR: [10.0.0.0/33]}]}", "must be from 0 to 32")]
    [InlineData("{endpointSelector: {}, ingress: [{fromCIDR: [0x0a.1]}]}", "is no address or prefix")]
    [InlineData("{endpointSelector: {}, ingress: [{fromCIDRSet: [{cidr: 10.0.0.0/8, except: [11.0.0.0/16]}]}]}", "except must be within 10.0.0.0/8")]
    [InlineData("{endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: http}]}]}]}", "names of ports are not supported")]
    [InlineData("{endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: '80800'}]}]}]}", "port is 80800: it must be from 0 to 65535")]
    [InlineData("{endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: '80', endPort: 79}]}]}]}", "endPort is 79")]
    [InlineData("{endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: '80', protocol: ICMP}]}]}]}", "for ICMP use icmps")]
    [InlineData("{endpointSelector: {}, ingress: [{toPorts: [{}]}]}", "toPorts[0].ports must be there")]
    [InlineData("{endpointSelector: {}, ingress: [{icmps: [{fields: [{type: EchoRequest}]}]}]}", "type must be a number")]
    [InlineData("{endpointSelector: {}, ingress: {}}", "spec.ingress must be a list")]
    [InlineData("[]", "spec must be a mapping")]
    public void What_cannot_be_applied_is_refused_by_its_field(string spec, string expected)
    {
        var refused = Assert.Throws<ManifestException>(() => PolicyParser.Parse("f.yaml", EnforcerSpec.Cnp(spec), Scope));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("line 4: ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("# only a comment", "is empty")]
    [InlineData("apiVersion: v1\nkind: Service", "apiVersion must be cilium.io/v2")]
    [InlineData("apiVersion: cilium.io/v2\nkind: CiliumNode", "kind must be CiliumNetworkPolicy")]
    [InlineData("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {}", "metadata.name must be there")]
    [InlineData("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x}", "spec must be there")]
    [InlineData("apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: x, namespace: y}\nspec: {}", "namespace goes with CiliumNetworkPolicy only")]
    [InlineData("a: [", "is no valid YAML")]
    [InlineData("a: &x [1]\nb: *x", "has an alias")]
    [InlineData("a: 1\na: 2", "stands twice")]
    public void What_is_no_policy_is_refused(string text, string expected) => Assert.Contains(
        expected, Assert.Throws<ManifestException>(() => PolicyParser.Parse("f.yaml", text, Scope)).Message, StringComparison.Ordinal);

    [Fact]
    public void Nested_without_end_is_refused_and_no_stack_overflow() => Assert.Contains(
        "nested deeper", Assert.Throws<ManifestException>(() => PolicyParser.Parse("f.yaml", new string('[', 100_000), Scope)).Message, StringComparison.Ordinal);
}
