using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Identities;
using KvStoreMesh.NodeAgent.Tests.Agent;

namespace KvStoreMesh.NodeAgent.Tests.Identities;

/// <summary>Identities and nodes from the stream to their lists.</summary>
public sealed class IdentityTableTests
{
    [Fact]
    public void Identities_are_taken_by_range_and_cluster_label_and_a_bad_one_leaves_its_predecessor()
    {
        using var datapath = new MemoryDatapath(new());
        var spec = new AgentSpec(datapath);
        spec.Open("a", "b");
        spec.Config("b", 5);
        Assert.Empty(Put("327681", "k8s:foo=bar;k8s:bar=baz;qux=fred;k8s:io.cilium.k8s.policy.cluster=b"));
        Assert.Equal(["327681 k8s:bar=baz k8s:foo=bar k8s:io.cilium.k8s.policy.cluster=b unspec:qux=fred"], OfClusters());

        Assert.Contains("could not find expected label", Assert.Single(Put("327681", "k8s:foo=new")), StringComparison.Ordinal);
        Assert.Contains("unexpected cluster name: got c", Assert.Single(Put("327682", "k8s:io.cilium.k8s.policy.cluster=c")), StringComparison.Ordinal);
        Assert.Contains("is not one of cluster ID 5", Assert.Single(Put("393216", "k8s:io.cilium.k8s.policy.cluster=b")), StringComparison.Ordinal);
        Assert.Single(OfClusters());
        Put("327681", null);
        Assert.Empty(OfClusters());

        string[] Put(string id, string? labels) => [.. spec.Put("b", new MeshKey(ResourceKind.Identities, id), labels).Refused.Select(value => value.Reason)];

        string[] OfClusters() => [.. spec.Agent.IdentityList().Where(identity => identity.Id > 255).Select(identity => $"{identity.Id} {string.Join(' ', identity.Labels)}")];
    }

    [Fact]
    public void With_511_clusters_the_ranges_are_half_as_wide()
    {
        using var datapath = new MemoryDatapath(new());
        var spec = new AgentSpec(datapath);
        spec.Open("a", "b");
        spec.Put("b", MeshKey.ClusterConfig, """{"id":511,"capabilities":{"maxConnectedClusters":511}}""");

        Assert.Empty(spec.Put("b", new MeshKey(ResourceKind.Identities, "16777215"), "k8s:io.cilium.k8s.policy.cluster=b").Refused);
        Assert.Single(spec.Put("b", new MeshKey(ResourceKind.Identities, "16744447"), "k8s:io.cilium.k8s.policy.cluster=b").Refused);
    }

    [Fact]
    public void A_cluster_that_changes_its_id_loses_what_does_not_fit_the_new_one()
    {
        using var datapath = new MemoryDatapath(new());
        var spec = new AgentSpec(datapath);
        spec.Open("a", "foo");
        spec.Config("foo", 10);
        spec.Put("foo", new MeshKey(ResourceKind.Identities, "665359"), "key1=value1;key2=value2;k8s:io.cilium.k8s.policy.cluster=foo");
        Assert.Contains(spec.Agent.IdentityList(), identity => identity.Id == 665359);

        spec.Config("foo", 20);
        Assert.DoesNotContain(spec.Agent.IdentityList(), identity => identity.Id > 255);
        spec.Put("foo", new MeshKey(ResourceKind.Identities, "1320719"), "key1=value1;key2=value2;k8s:io.cilium.k8s.policy.cluster=foo");
        Assert.Contains(spec.Agent.IdentityList(), identity => identity.Id == 1320719);
    }

    [Fact]
    public void Nodes_are_listed_with_their_source()
    {
        using var datapath = new MemoryDatapath(new());
        var spec = new AgentSpec(datapath);
        spec.Open("a", "b");
        spec.Config("a", 1);
        spec.Config("b", 2);
        foreach (var (cluster, id, name) in ((string, int, string)[])[("a", 1, "own"), ("a", 1, "other"), ("b", 2, "far")])
        {
            spec.Put(cluster, new MeshKey(ResourceKind.Nodes, name), $$$"""
                {"Name":"{{{name}}}","Cluster":"{{{cluster}}}","ClusterID":{{{id}}},"IPAddresses":[{"Type":"CiliumInternalIP","IP":"10.2.0.1"},{"Type":"InternalIP","IP":"172.18.0.5"},{"Type":"InternalIP","IP":"fc00::5"}],"IPv4AllocCIDR":{"IP":"10.2.0.0","Mask":"////AA=="}}
                """);
        }

        Assert.Equal(
            ["a/other 172.18.0.5 10.2.0.0/24 fc00::5 kvstore", "a/own 172.18.0.5 10.2.0.0/24 fc00::5 local", "b/far 172.18.0.5 10.2.0.0/24 fc00::5 clustermesh"],
            spec.Agent.NodeList().Select(node => $"{node.Name} {node.Ipv4Address} {node.Ipv4Cidr} {node.Ipv6Address} {node.Source}"));
        spec.Put("b", new MeshKey(ResourceKind.Nodes, "far"), null);
        Assert.Equal(2, spec.Agent.NodeList().Count);
    }

    [Fact]
    public void A_number_is_kept_while_held_given_as_hinted_and_not_given_again_at_once()
    {
        const uint Adopted = SecurityIdentity.FirstLocal;
        var allocator = new LocalIdentityAllocator([Adopted]);

        var fresh = allocator.Acquire("new", 0);
        Assert.NotEqual(Adopted, fresh);
        Assert.Equal(Adopted, allocator.Acquire("old", Adopted));
        Assert.Equal(fresh, allocator.Acquire("new", Adopted));
        Assert.NotEqual(Adopted, allocator.Acquire("thief", Adopted));
        Assert.Null(allocator.Release("new"));
        Assert.Equal(fresh, allocator.Release("new"));
        Assert.NotEqual(fresh, allocator.Acquire("other", 0));
    }
}
