using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Core.Tests.Sources;

public sealed class SourceCheckpointTests
{
    private readonly Dictionary<MeshKey, MeshChange> _kept = [];
    private readonly SourceDriver _driver;
    private ClusterDelta? _last;

    public SourceCheckpointTests()
    {
        _driver = new(ClusterName.Parse("ape"), new Random(1)) { Publish = Keep };
        _driver.PutConfig("""{"syncedCanaries":true}""", 3);
        _driver.PutCanaries(Enum.GetValues<ResourceKind>().Skip(1));
        Put("nodes/v1/ape/n1");
        Put("services/v1/ape/ns/a");
        Put("identities/v1/id/7");
    }

    private SourceReplica Replica => _driver.Replica;

    [Fact]
    public void There_is_none_before_the_first_list_and_while_a_resync_is_unfinished()
    {
        Assert.Null(Replica.Checkpoint());
        Assert.True(_driver.Resync());
        Assert.NotNull(Replica.Checkpoint());
        Assert.False(_driver.Resync(pages: 1));
        Assert.Null(Replica.Checkpoint());
    }

    [Fact]
    public void What_was_kept_with_each_delta_is_the_replica_again()
    {
        _driver.Resync();
        Put("nodes/v1/ape/n2");
        Put("nodes/v1/ape/n1");
        Delete("services/v1/ape/ns/a");
        _driver.PumpAll();
        var checkpoint = Replica.Checkpoint()!;

        var restored = new SourceReplica(Replica.Cluster, new Random(2));
        var delta = restored.Restore(checkpoint, _kept.Values, 5);

        Assert.Equal(checkpoint.Position, delta.Position);
        Assert.Equal(checkpoint.Position, restored.Position);
        Assert.Equal((3U, 2, 0, 1), (restored.Config!.Id, restored.Count(ResourceKind.Nodes), restored.Count(ResourceKind.Services), restored.Count(ResourceKind.Identities)));
        Assert.Equivalent(checkpoint, restored.Checkpoint(), strict: true);
    }

    [Fact]
    public void Restored_entries_are_served_as_the_last_known_and_nothing_is_synced()
    {
        _driver.Resync();
        var cache = new MeshCache(new());
        var restored = new SourceReplica(Replica.Cluster, new Random(2));
        cache.Apply(restored.Restore(Replica.Checkpoint()!, _kept.Values, 5));

        Assert.Empty(cache.Clusters[0].Synced);
        Assert.Equal((4, Replica.Position!.Value), (cache.Clusters[0].Keys, cache.Clusters[0].Position));
        Assert.All(Enum.GetValues<ResourceKind>().Skip(1), kind => Assert.False(restored.IsSynced(kind)));
        Assert.False(restored.IsFullySynced);
    }

    [Fact]
    public void A_list_after_a_restore_tells_what_differs_in_the_same_epoch()
    {
        _driver.Resync();
        var restored = _driver.Restart(Replica.Checkpoint()!, _kept.Values);
        Assert.Equal(Replica.Position, restored.Position);
        Delete("nodes/v1/ape/n1");
        Put("nodes/v1/ape/n9");

        Assert.True(_driver.Resync());

        Assert.Null(_last!.EpochReason);
        Assert.Equal(["Nodes/n9", "Nodes/n1"], _last.Changes.Select(change => change.Key.ToString()));
        Assert.True(Replica.IsFullySynced);
    }

    [Fact]
    public void The_fingerprint_depends_on_the_state_and_not_on_the_way_to_it()
    {
        _driver.Resync();
        for (var i = 0; i < 20; i++)
        {
            Put($"nodes/v1/ape/n{i % 5}");
            Delete($"nodes/v1/ape/n{(i + 2) % 5}");
        }

        _driver.PumpAll();
        var other = new SourceDriver(_driver.Cluster, new Random(9)) { Etcd = _driver.Etcd };
        Assert.True(other.Resync());

        var (watched, listed) = (Replica.Position!.Value, other.Replica.Position!.Value);
        Assert.Equal((watched.Revision, watched.Fingerprint), (listed.Revision, listed.Fingerprint));
        Assert.NotEqual(watched.Epoch, listed.Epoch);
        Put("nodes/v1/ape/n1");
        _driver.PumpAll();
        Assert.NotEqual(watched.Fingerprint, Replica.Position!.Value.Fingerprint);
    }

    [Fact]
    public void What_is_damaged_is_refused_with_the_cluster_in_the_message()
    {
        _driver.Resync();
        var checkpoint = Replica.Checkpoint()!;
        var entries = _kept.Values.ToList();
        Refused(checkpoint, entries.SkipLast(1));
        Refused(checkpoint, entries.Where(entry => entry.Key.Kind != ResourceKind.Nodes));
        Refused(checkpoint, entries.Select(entry => entry with { Value = [9] }));
        Refused(checkpoint, entries.Select(entry => entry with { Revision = entry.Revision + 1 }));
        Refused(checkpoint, entries.Append(new(new(ResourceKind.Nodes, "gone"), null, 1, 0)));
        Refused(checkpoint with { Cluster = ClusterName.Parse("apex") }, entries);
        Refused(checkpoint with { Config = checkpoint.Config with { Value = [1] } }, entries);
        Refused(checkpoint with { Resources = [.. checkpoint.Resources.Skip(1)] }, entries);
    }

    private void Refused(SourceCheckpoint checkpoint, IEnumerable<MeshChange> entries)
    {
        var empty = new SourceReplica(Replica.Cluster, new Random(2));
        Assert.StartsWith("ape: ", Assert.Throws<InvalidDataException>(() => empty.Restore(checkpoint, entries, 5)).Message, StringComparison.Ordinal);
        Assert.Null(empty.Position);
        Assert.Equal(0, empty.Count(ResourceKind.Nodes));
    }

    private void Keep(ClusterDelta delta)
    {
        _last = delta;
        foreach (var change in delta.Changes)
        {
            _kept.Remove(change.Key);
            if (!change.IsDelete)
            {
                _kept.Add(change.Key, change);
            }
        }
    }

    private void Put(string key) => _driver.Etcd.Put($"cilium/state/{key}", "v");

    private void Delete(string key) => _driver.Etcd.Delete($"cilium/state/{key}");
}
