using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Replica;
using KvStoreMesh.NodeAgent.Subscription;

namespace KvStoreMesh.NodeAgent.Tests.Replica;

public sealed class MeshReplicaTests
{
    private readonly MeshReplica _replica = new();

    [Fact]
    public void A_snapshot_reports_only_what_differs_and_deletes_what_it_lacks()
    {
        _replica.Apply(new SnapshotReceived(Some.Cluster("b"), 1, 1, [Record("x", "1"), Record("y", "1"), Record("z", "1")]));
        var changes = _replica.Apply(new SnapshotReceived(Some.Cluster("b"), 2, 2, [Record("x", "1"), Record("y", "2"), Record("w", "1")]));
        Assert.Equal(["y", "w", "-z"], changes.Select(change => (change.Value is null ? "-" : "") + change.Key.Name));
        Assert.Equal(3, Cluster("b").CountOf(ResourceKind.Services));
    }

    [Fact]
    public void A_new_session_that_does_not_know_a_cluster_deletes_nothing()
    {
        // I13: only ClusterRemoved drops.
        _replica.Apply(Opened("b", "c"));
        _replica.Apply(new SnapshotReceived(Some.Cluster("b"), 1, 1, [Record("x", "1")]));
        Assert.Empty(_replica.Apply(Opened("c")));
        Assert.Equal(1, Cluster("b").Count);
        Assert.False(Cluster("b").IsAnnounced);
        Assert.True(Cluster("c").IsAnnounced);
        Assert.Single(_replica.Apply(new ClusterRemoved(Some.Cluster("b"), 9)));
        Assert.False(_replica.TryGet(Some.Cluster("b"), out _));
    }

    [Fact]
    public void Synced_holds_until_the_cluster_is_announced_anew_or_the_session_ends()
    {
        _replica.Apply(Opened("b"));
        var synced = new ResourcesSynced(Some.Cluster("b"), [ResourceKind.Nodes], 1);
        _replica.Apply(synced);
        Assert.Contains(ResourceKind.Nodes, Cluster("b").Synced);
        _replica.Apply(new ClusterAnnounced(Some.Cluster("b"), "another history", 2));
        Assert.Empty(Cluster("b").Synced);
        _replica.Apply(synced);
        _replica.Apply(Opened("b"));
        Assert.Empty(Cluster("b").Synced);
    }

    [Fact]
    public void A_deletion_of_what_is_not_held_and_an_equal_value_change_nothing()
    {
        _replica.Apply(new RecordsReceived(1, [Record("x", "1")]));
        Assert.Empty(_replica.Apply(new RecordsReceived(3, [Record("x", "1"), Record("y", null)])));
    }

    private static SessionOpened Opened(params string[] clusters) => new(1, "d", null, [.. clusters.Select(Some.Cluster)], 0);

    private static MeshRecord Record(string name, string? value) => new(
        Some.Cluster("b"), new MeshKey(ResourceKind.Services, name), Some.Bytes(value), 1, 1);

    private ClusterReplica Cluster(string name) => _replica.TryGet(Some.Cluster(name), out var cluster) ? cluster : throw new KeyNotFoundException(name);
}
