using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.Tests.StatusApi;

public sealed class ClusterIdProblemsTests
{
    private static readonly ClusterName Own = ClusterName.Parse("a");

    [Fact]
    public void Ids_out_of_range_and_ids_of_two_clusters_are_named_and_others_are_not()
    {
        var problems = ClusterIdProblems.Of(
            [Claims("b", 0), Claims("c", 256), Claims("d", 7), Claims("e", 7), Claims("f", 1), Claims("g", 9), Claims("h", null)], Own, localId: 1, max: 255);

        Assert.Equal(["b", "c", "d", "e", "f"], problems.Keys.Select(name => name.Value).Order(StringComparer.Ordinal));
        Assert.Contains("is 0, which is not from 1 to 255", problems[ClusterName.Parse("b")], StringComparison.Ordinal);
        Assert.Contains("also that of e", problems[ClusterName.Parse("d")], StringComparison.Ordinal);
        Assert.Contains("also that of a", problems[ClusterName.Parse("f")], StringComparison.Ordinal);
    }

    [Fact]
    public void The_own_cluster_as_a_source_is_not_its_own_rival() =>
        Assert.Empty(ClusterIdProblems.Of([Claims("a", 1)], Own, localId: 1, max: 255));

    private static RemoteClusterStatus Claims(string name, uint? id) => Some.Status(name, RemoteClusterPhase.Watching) with
    {
        Config = id is { } value ? new CiliumClusterConfig(value, new ClusterCapabilities(true, false, 255, null, "")) : null,
    };
}
