using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Replica;
using KvStoreMesh.NodeAgent.Subscription;

namespace KvStoreMesh.NodeAgent.Tests.Replica;

public sealed class MeshReplicaTests
{
    private static readonly ResourcesSynced Synced = new(Some.Cluster("b"), [ResourceKind.Services], 9);
    private static readonly MeshRecord Config = Record(string.Empty, "{}") with { Key = MeshKey.ClusterConfig };
    private readonly MeshReplica _replica = new();

    [Fact]
    public void A_snapshot_reports_only_what_differs_and_what_it_lacks_goes_when_the_resource_is_synced()
    {
        _replica.Apply(new SnapshotReceived(Some.Cluster("b"), 1, 1, [Record("x", "1"), Record("y", "1"), Record("z", "1")]));
        Assert.Equal(["y", "w"], Apply(new SnapshotReceived(Some.Cluster("b"), 2, 2, [Record("x", "1"), Record("y", "2"), Record("w", "1")])));
        Assert.Empty(Apply(new ResourcesSynced(Some.Cluster("b"), [ResourceKind.Nodes], 2)));
        Assert.Equal(["-z"], Apply(Synced));
        Assert.Equal(3, Cluster("b").CountOf(ResourceKind.Services));
    }

    [Fact]
    public void A_daemon_that_was_just_started_and_holds_a_part_only_deletes_nothing()
    {
        // I13: a list that is still on its way is no statement about the keys it has not brought yet.
        Apply(new SnapshotReceived(Some.Cluster("b"), 9, 9, [Record("x", "1"), Record("y", "1")]), Synced, Opened("b"));
        Assert.Empty(Apply(new SnapshotReceived(Some.Cluster("b"), 9, 1, [Record("x", "1")])));
        Assert.Empty(Apply(new RecordsReceived(2, [Record("y", "1")])));
        Assert.Empty(Apply(Synced));
        Assert.Equal(2, Cluster("b").Count);
    }

    // I5: a deletion survives the restart of the daemon.
    [Fact]
    public void What_was_deleted_while_the_daemon_could_not_read_the_cluster_goes_once_it_is_synced()
    {
        // The session opened before the source answered: no snapshot, all of it comes as changes.
        Apply(new SnapshotReceived(Some.Cluster("b"), 9, 9, [Config, Record("x", "1"), Record("y", "1")]), Synced, Opened("b"));
        Apply(new ClusterAnnounced(Some.Cluster("b"), true, "first seen", 1));
        Assert.Empty(Apply(new RecordsReceived(2, [Record("x", "1")])));
        Assert.Equal(["-y"], Apply(Synced));
        Assert.Equal(2, Cluster("b").Count);
    }

    [Fact]
    public void Another_history_of_which_only_the_differences_follow_keeps_the_rest()
    {
        Apply(new SnapshotReceived(Some.Cluster("b"), 9, 9, [Record("x", "1")]), Synced);
        Assert.Empty(Apply(new ClusterAnnounced(Some.Cluster("b"), false, "restored from a backup", 10), Synced));
        Assert.Equal(1, Cluster("b").Count);
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
        _replica.Apply(Synced);
        Assert.Contains(ResourceKind.Services, Cluster("b").Synced);
        _replica.Apply(new ClusterAnnounced(Some.Cluster("b"), false, "another history", 2));
        Assert.Empty(Cluster("b").Synced);
        _replica.Apply(Synced);
        _replica.Apply(Opened("b"));
        Assert.Empty(Cluster("b").Synced);
    }

    [Fact]
    public void A_deletion_of_what_is_not_held_and_an_equal_value_change_nothing()
    {
        _replica.Apply(new RecordsReceived(1, [Record("x", "1")]));
        Assert.Empty(_replica.Apply(new RecordsReceived(3, [Record("x", "1"), Record("y", null)])));
    }

    /// <summary>What the last of the events changed; a deletion with a minus.</summary>
    private IEnumerable<string> Apply(params SessionEvent[] events) => events.Select(_replica.Apply).ToList()[^1]
        .Select(change => (change.Value is null ? "-" : "") + change.Key.Name);

    private static SessionOpened Opened(params string[] clusters) => new(1, "d", null, [.. clusters.Select(Some.Cluster)], 0);

    private static MeshRecord Record(string name, string? value) => new(
        Some.Cluster("b"), new MeshKey(ResourceKind.Services, name), Some.Bytes(value), 1, 1);

    private ClusterReplica Cluster(string name) => _replica.TryGet(Some.Cluster(name), out var cluster) ? cluster : throw new KeyNotFoundException(name);
}
