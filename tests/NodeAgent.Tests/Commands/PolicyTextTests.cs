using KvStoreMesh.NodeAgent.Commands;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Status;
using KvStoreMesh.Bpf.Maps.Policy;

namespace KvStoreMesh.NodeAgent.Tests.Commands;

/// <summary>The columns people and scripts know from cilium-dbg, of what policy shows.</summary>
public sealed class PolicyTextTests
{
    [Fact]
    public void Identities_are_listed_as_in_Cilium() => Assert.Equal(
        """
        ID       LABELS
        1        reserved:host
        132306   k8s:app=fe
                 k8s:io.cilium.k8s.policy.cluster=cluster2
                 k8s:io.kubernetes.pod.namespace=demo

        """,
        IdentityListCommand.Render(
        [
            new(1, ["reserved:host"]),
            new(132306, ["k8s:app=fe", "k8s:io.cilium.k8s.policy.cluster=cluster2", "k8s:io.kubernetes.pod.namespace=demo"]),
        ]));

    [Fact]
    public void Nodes_are_listed_as_in_Cilium_and_without_any_nothing_is()
    {
        Assert.Equal(
            """
            Name               IPv4 Address   Endpoint CIDR   IPv6 Address   Endpoint CIDR   Source
            cluster1/worker    172.18.0.4     10.1.1.0/24                                    local
            cluster2/worker2   172.18.0.5     10.2.0.0/24                                    clustermesh

            """,
            NodeListCommand.Render(
            [
                new("cluster1/worker", "172.18.0.4", "10.1.1.0/24", "", "", "local"), new("cluster2/worker2", "172.18.0.5", "10.2.0.0/24", "", "", "clustermesh"),
            ]));
        Assert.Empty(NodeListCommand.Render([]));
    }

    [Fact]
    public void Endpoints_are_listed_as_in_Cilium() => Assert.Equal(
        """
        ENDPOINT   POLICY (ingress)   POLICY (egress)   IDENTITY   LABELS (source:key[=value])   IPv6   IPv4        STATUS
                   ENFORCEMENT        ENFORCEMENT
        42         Enabled            Disabled          66193      k8s:app=be                           10.1.0.77   not-ready
        demo/be: cannot find the interface lxc1

        """,
        EndpointListCommand.Render(
        [
            new()
            {
                Id = 42, Name = "demo/be", EnforcesIngress = true, EnforcesEgress = false, Identity = 66193, Labels = ["k8s:app=be"], Ips = ["10.1.0.77"],
                Target = "interface lxc1", State = "not-ready", Problem = "cannot find the interface lxc1", PolicyEntries = 3,
            },
        ]));

    [Fact]
    public void Policy_maps_are_listed_as_in_Cilium()
    {
        var deny = new PolicyKey(2, PolicyDirection.Egress);
        var allow = new PolicyKey(132306, PolicyDirection.Ingress, 6, 8080, 16);
        var any = new PolicyKey(0, PolicyDirection.Ingress, 17, 8088, 15);
        var map = new PinnedPolicyMap(42, "/x", new Dictionary<PolicyKey, PolicyEntry>
        {
            [allow] = new(allow, false, PolicyEntry.AllowPrecedence), [deny] = new(deny, true, PolicyEntry.DenyPrecedence), [any] = new(any, false, PolicyEntry.AllowPrecedence),
        });
        Assert.Equal(
            """
            POLICY   DIRECTION   LABELS (source:key[=value])   PORT/PROTO      PROXY PORT   AUTH TYPE   BYTES   PACKETS   PREFIX   COOKIE
            Deny     Egress      reserved:world                ANY             NONE         disabled    0       0         0        0
            Allow    Ingress     ANY                           8088-8089/UDP   NONE         disabled    0       0         23       0
            Allow    Ingress     k8s:app=fe                    8080/TCP        NONE         disabled    0       0         24       0
                                 k8s:x

            """,
            PolicyTable.Render(PolicyTable.Entries(map), new Dictionary<uint, IReadOnlyList<string>> { [2] = ["reserved:world"], [132306] = ["k8s:app=fe", "k8s:x"] }));
        Assert.Contains("Allow    Ingress     132306     8080/TCP", PolicyTable.Render(PolicyTable.Entries(map), null), StringComparison.Ordinal);
    }

    [Fact]
    public void A_drop_is_told_as_in_Cilium() => Assert.Equal(
        "(3 drops not told)\n07:08:09.010 xx drop (Policy denied) ingress of endpoint 42, ifindex 5, remote identity 1002: 10.9.0.3:38661 -> 10.1.0.2:8080 tcp SYN",
        MonitorCommand.Render(new(
            new DateTimeOffset(2026, 1, 2, 7, 8, 9, 10, TimeSpan.Zero), "Policy denied", "ingress", 42, 1002, "10.9.0.3:38661", "10.1.0.2:8080", "TCP", "SYN", 60, 5, 3)));

    [Fact]
    public void A_trace_names_the_rule_that_decides() => Assert.Equal(
        """
        From:    k8s:app=fe (identity 131083)
        To:      k8s:app=be (identity 65557)
        Traffic: 8080/TCP

        Egress: allowed: no policy enforces egress

        Ingress: denied: denied by p.yaml: demo/p spec.ingressDeny[0]
           p.yaml: demo/p spec.ingressDeny[0]: deny from all
           cilium_policy_v2_00042: deny by the entry of identity 0, prefix 0

        Final verdict: DENIED

        """,
        PolicyText.Render(new TraceStatus(
            "k8s:app=fe (identity 131083)", "k8s:app=be (identity 65557)", "8080/TCP",
            new(true, "no policy enforces egress", [], [], null),
            new(false, "denied by p.yaml: demo/p spec.ingressDeny[0]", ["p.yaml: demo/p spec.ingressDeny[0]: deny from all"], [], "cilium_policy_v2_00042: deny by the entry of identity 0, prefix 0"),
            "DENIED")));
}
