using KvStoreMesh.Core.Clusters;
using KvStoreMesh.NodeAgent.Clusters;

namespace KvStoreMesh.NodeAgent.Tests.Clusters;

public sealed class ClusterDirectoryTests
{
    private readonly ClusterDirectory _clusters = new(Some.Cluster("a"));

    [Fact]
    public void A_duplicate_id_does_not_disturb_its_owner_and_is_inherited()
    {
        Upsert("b", 2);
        Assert.Equal([Some.Cluster("c")], Upsert("c", 2));
        Assert.True(_clusters.Get(Some.Cluster("b")).IsUsable);
        Assert.Equal("its cluster id 2 is already used by cluster b", _clusters.Get(Some.Cluster("c")).Problem);
        Assert.Equal([Some.Cluster("c")], _clusters.Remove(Some.Cluster("b")));
        Assert.True(_clusters.Get(Some.Cluster("c")).IsUsable);
    }

    [Fact]
    public void The_local_cluster_has_its_id_even_if_it_comes_last()
    {
        Upsert("b", 1);
        Assert.Equal(["a", "b"], Upsert("a", 1).Select(name => name.Value).Order());
        Assert.True(_clusters.Get(Some.Cluster("a")).IsUsable);
        Assert.False(_clusters.Get(Some.Cluster("b")).IsUsable);
    }

    [Fact]
    public void A_cluster_that_changes_its_id_stands_behind_the_older_claim()
    {
        Upsert("b", 2);
        Upsert("c", 3);
        Assert.Equal([Some.Cluster("b")], Upsert("b", 3));
        Assert.False(_clusters.Get(Some.Cluster("b")).IsUsable);
        Assert.Equal(3u, _clusters.Get(Some.Cluster("c")).Id);
    }

    [Theory]
    [InlineData(0, 255, "must be from 1 to 255")]
    [InlineData(256, 255, "must be from 1 to 255")]
    [InlineData(512, 511, "must be from 1 to 511")]
    [InlineData(1, 300, "must be 255 or 511")]
    public void Ids_out_of_range_are_refused(uint id, uint max, string expected)
    {
        Upsert("b", id, max);
        Assert.Contains(expected, _clusters.Get(Some.Cluster("b")).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_config_again_changes_nothing()
    {
        Upsert("b", 2);
        Assert.Empty(Upsert("b", 2));
        Assert.Empty(Upsert("b", 2, max: 0));
    }

    private IReadOnlyList<ClusterName> Upsert(string cluster, uint id, uint max = 255) =>
        _clusters.Upsert(Some.Cluster(cluster), new CiliumClusterConfig(id, new(false, false, max, null, string.Empty)));
}
