using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Core.Tests.Sources;

public sealed class SourceReplicaTests
{
    private const string Canaries = """{"syncedCanaries":true}""";
    private static readonly ResourceKind[] Basic = [ResourceKind.Identities, ResourceKind.Nodes, ResourceKind.Endpoints, ResourceKind.Services];
    private static readonly ResourceKind[] NotOffered = [ResourceKind.EndpointSlices, ResourceKind.ServiceExports];

    private readonly List<ClusterDelta> _deltas = [];
    private readonly SourceDriver _driver;

    public SourceReplicaTests()
    {
        _driver = new(ClusterName.Parse("ape"), new Random(1)) { Publish = _deltas.Add };
        _driver.PutConfig(Canaries, 3);
    }

    private SourceReplica Replica => _driver.Replica;

    [Fact]
    public void A_first_sync_puts_the_config_then_resources_in_order_and_names_what_is_complete()
    {
        Put("services/v1/ape/ns/echo");
        Put("nodes/v1/ape/n1");
        Put("identities/v1/id/7");
        Put("identities/v1/value/x");
        Put("ip/v1/default/10.0.0.1");
        _driver.PutCanaries(Basic);

        Assert.True(_driver.Resync(pageSize: 1));

        var delta = Assert.Single(_deltas);
        Assert.Equal(
            ["ClusterConfig", "Identities/7", "Nodes/n1", "Endpoints/10.0.0.1", "Services/ns/echo"], delta.Changes.Select(c => c.Key.ToString()));
        Assert.Equal([.. Basic, .. NotOffered], delta.NewlySynced);
        Assert.Equal("first list", delta.EpochReason);
        Assert.NotEqual(0UL, delta.Position.Epoch.Value);
        Assert.Equal(_driver.Etcd.Revision, delta.Position.Revision);
        Assert.Equal(delta.Position, Replica.Position);
        Assert.True(Replica.IsFullySynced);
        Assert.Equal(3U, Replica.Config!.Id);
        Assert.Equal(1, Replica.Count(ResourceKind.Nodes));
    }

    [Fact]
    public void A_resource_is_listed_only_once_its_canary_has_been_seen()
    {
        Put("nodes/v1/ape/n1");
        _driver.PutCanaries(ResourceKind.Identities);
        _driver.Resync();
        Assert.False(Replica.IsSynced(ResourceKind.Nodes));
        Assert.False(Replica.IsFullySynced);
        Assert.Throws<InvalidOperationException>(() => Replica.BeginList([ResourceKind.Nodes], _driver.Etcd.Revision));

        Put("nodes/v1/ape/n2");
        _driver.PumpAll();
        Assert.Equal(0, Replica.Count(ResourceKind.Nodes));

        _driver.PutCanaries(ResourceKind.Nodes);
        _driver.PumpAll();
        Assert.Equal([ResourceKind.Nodes], _deltas[^1].NewlySynced);
        Assert.Equal(["Nodes/n1", "Nodes/n2"], _deltas[^1].Changes.Select(c => c.Key.ToString()));
        Assert.Null(_deltas[^1].EpochReason);
    }

    [Fact]
    public void Without_canaries_everything_is_listed_at_once()
    {
        _driver.PutConfig("{}", 3);
        _driver.Resync();
        Assert.True(Replica.IsFullySynced);
        Assert.Equal(Basic, Replica.Layout!.Resources);
    }

    [Fact]
    public void A_relist_of_the_same_history_tells_what_differs_puts_first_then_deletes_in_reverse_order()
    {
        Sync("nodes/v1/ape/n1", "nodes/v1/ape/n2", "identities/v1/id/1", "identities/v1/id/2", "services/v1/ape/ns/a");
        _driver.Disconnect();
        Delete("nodes/v1/ape/n1");
        Delete("identities/v1/id/1");
        Delete("services/v1/ape/ns/a");
        Put("services/v1/ape/ns/b");
        Put("identities/v1/id/2");

        _driver.Resync(pageSize: 1);

        var delta = _deltas[^1];
        Assert.Null(delta.EpochReason);
        Assert.Equal(
            ["Identities/2 put", "Services/ns/b put", "Services/ns/a del", "Nodes/n1 del", "Identities/1 del"],
            delta.Changes.Select(c => $"{c.Key} {(c.IsDelete ? "del" : "put")}"));
        Assert.All(delta.Changes.Where(c => c.IsDelete), c => Assert.Equal((delta.Position.Revision, 0), (c.Revision, c.CreateRevision)));
    }

    [Fact]
    public void Deletes_keys_not_seen_again_after_a_relist_only_at_its_end()
    {
        Sync("nodes/v1/ape/n1", "nodes/v1/ape/n2");
        Delete("nodes/v1/ape/n1");

        Assert.False(_driver.Resync(pageSize: 1, pages: 2));
        Assert.Single(_deltas);
        Assert.Equal(2, Replica.Count(ResourceKind.Nodes));

        _driver.Resync();
        Assert.Equal("Nodes/n1", Assert.Single(_deltas[^1].Changes, c => c.IsDelete).Key.ToString());
    }

    [Fact]
    public void An_empty_list_of_a_source_whose_canary_was_seen_is_a_real_emptiness()
    {
        Sync("nodes/v1/ape/n1");
        Delete("nodes/v1/ape/n1");
        _driver.Resync();
        Assert.Equal(0, Replica.Count(ResourceKind.Nodes));
    }

    [Fact]
    public void A_wiped_source_deletes_nothing_before_it_says_that_it_is_complete_again()
    {
        Sync("nodes/v1/ape/n1", "identities/v1/id/1");
        Wipe(sameId: true);
        Put("nodes/v1/ape/n9");

        _driver.Resync();
        Assert.DoesNotContain(_deltas[^1].Changes, c => c.IsDelete);
        Assert.Equal((1, 1), (Replica.Count(ResourceKind.Nodes), Replica.Count(ResourceKind.Identities)));

        _driver.PutCanaries(Basic);
        _driver.PumpAll();
        Assert.Equal((1, 0), (Replica.Count(ResourceKind.Nodes), Replica.Count(ResourceKind.Identities)));
    }

    [Theory]
    [InlineData(true, "the revision fell from")]
    [InlineData(false, "the etcd cluster ID changed from 1 to 2")]
    public void Another_history_is_a_new_epoch_and_puts_every_key_with_its_new_revision(bool sameId, string reason)
    {
        Sync("nodes/v1/ape/n1", "nodes/v1/ape/n2");
        var (epoch, value) = (Replica.Position!.Value.Epoch, _deltas[0].Changes.Single(c => c.Key.Name == "n1").Value);
        Wipe(sameId);
        Put("nodes/v1/ape/n1");
        _driver.PutCanaries(ResourceKind.Nodes);

        _driver.Resync();

        Assert.StartsWith(reason, _deltas[^1].EpochReason, StringComparison.Ordinal);
        Assert.NotEqual(epoch, _deltas[^1].Position.Epoch);
        Assert.Equal(["ClusterConfig", "Nodes/n1", "Nodes/n2"], _deltas[^1].Changes.Select(c => c.Key.ToString()));
        Assert.Same(value, _deltas[^1].Changes[1].Value);
        Assert.Equal(3, _deltas[^1].Changes[1].Revision);
    }

    [Fact]
    public void A_history_that_broke_stays_broken_until_a_list_is_complete()
    {
        Sync("nodes/v1/ape/n1");
        var seen = _driver.Etcd.Revision;
        Wipe(sameId: true);
        _driver.PutCanaries(ResourceKind.Nodes);
        Assert.False(_driver.Resync(pages: 0));
        while (_driver.Etcd.Revision < seen + 5)
        {
            Put("nodes/v1/ape/n2");
        }

        _driver.PutCanaries(Basic);
        _driver.Resync();

        Assert.StartsWith("the revision fell", _deltas[^1].EpochReason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n1", "Nodes/n1, created at 3 and changed at 3, was not there like that at")]
    [InlineData("n2", "Nodes/n2, created at 3 and changed at")]
    public void A_wiped_etcd_with_the_same_id_and_a_higher_revision_is_found_out_by_its_keys(string first, string reason)
    {
        Sync("nodes/v1/ape/n1");
        var seen = _driver.Etcd.Revision;
        Wipe(sameId: true);
        Put($"nodes/v1/ape/{first}", "another");
        _driver.PutCanaries(Basic);
        while (_driver.Etcd.Revision < seen + 5)
        {
            Put("nodes/v1/ape/n2");
        }

        _driver.Resync();

        Assert.StartsWith(reason, _deltas[^1].EpochReason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wiped_etcd_that_stands_at_the_very_revision_of_its_predecessor_is_found_out_by_what_it_lacks()
    {
        Sync("nodes/v1/ape/n1", "nodes/v1/ape/n2");
        var seen = _driver.Etcd.Revision;
        Wipe(sameId: true);
        _driver.PutCanaries(ResourceKind.Nodes);
        while (_driver.Etcd.Revision < seen)
        {
            Put("elsewhere");
        }

        _driver.Resync();

        Assert.Equal($"Nodes had 2 keys at {seen} and now has 0 there", _deltas[^1].EpochReason);
    }

    [Fact]
    public void A_history_that_only_a_late_list_finds_out_calls_everything_known_complete_anew()
    {
        Sync("services/v1/ape/ns/a");
        var seen = _driver.Etcd.Revision;
        Wipe(sameId: true);
        Put("services/v1/ape/ns/b");
        while (_driver.Etcd.Revision < seen)
        {
            Put("elsewhere");
        }

        _driver.PutConfig(Canaries, 4);
        Put("nodes/v1/ape/n1");
        _driver.PutCanaries(ResourceKind.Nodes);
        _driver.Resync();
        Assert.Null(_deltas[^1].EpochReason);

        _driver.PutCanaries(ResourceKind.Services);
        _driver.PumpAll();

        Assert.StartsWith("Services/ns/b, created at 3", _deltas[^1].EpochReason, StringComparison.Ordinal);
        Assert.Equal([ResourceKind.Nodes, ResourceKind.Services, .. NotOffered], _deltas[^1].NewlySynced);
        Assert.Equal(["ClusterConfig", "Nodes/n1", "Services/ns/b", "Services/ns/a"], _deltas[^1].Changes.Select(c => c.Key.ToString()));
    }

    [Fact]
    public void A_resource_that_is_no_longer_offered_is_deleted_and_counts_as_synced()
    {
        Sync("services/v1/ape/ns/a", "nodes/v1/ape/n1");
        _driver.PutConfig("""{"syncedCanaries":true,"endpointSlicesExportMode":"endpointslices-only"}""", 3);
        _driver.PumpAll();

        Assert.Equal("Services/ns/a", Assert.Single(_deltas[^1].Changes, c => c.IsDelete).Key.ToString());
        Assert.Contains(ResourceKind.Services, _deltas[^1].NewlySynced);
        Assert.True(Replica.IsSynced(ResourceKind.Services));
    }

    [Fact]
    public void A_resource_that_is_newly_offered_starts_an_epoch()
    {
        Sync("services/v1/ape/ns/a");
        _driver.PutConfig("""{"syncedCanaries":true,"endpointSlicesExportMode":"services-and-endpointslices"}""", 3);
        _driver.PumpAll();
        Assert.Equal("the source now offers Identities, Nodes, Endpoints, Services, EndpointSlices", _deltas[^1].EpochReason);
    }

    [Fact]
    public void Watch_events_become_changes_with_their_revisions()
    {
        Sync("nodes/v1/ape/n1");
        var put = Put("nodes/v1/ape/n1", "new");
        var deleted = Delete("nodes/v1/ape/n1");
        _driver.PumpAll();

        var delta = _deltas[^1];
        Assert.Equal([(put, false), (deleted, true)], delta.Changes.Select(c => (c.Revision, c.IsDelete)));
        Assert.Equal(deleted, delta.Position.Revision);
        Assert.Empty(delta.NewlySynced);
    }

    [Fact]
    public void Events_that_a_list_already_held_are_dropped_and_so_are_deletes_of_nothing()
    {
        Sync("nodes/v1/ape/n1");
        var position = Replica.Position!.Value;
        SourceEvent Event(string name, long revision, bool delete = false) =>
            new($"cilium/state/nodes/v1/ape/{name}", delete ? null : [1], revision, delete ? 0 : revision);

        Assert.Null(Replica.Apply(new([Event("n1", position.Revision)], position.Revision, 1)).Delta);
        Assert.Null(Replica.Apply(new([Event("n1", 1, delete: true)], position.Revision, 1)).Delta);
        Assert.Null(Replica.Apply(new([Event("n2", position.Revision + 1, delete: true)], position.Revision + 1, 1)).Delta);
        Assert.Equal(position.Revision + 1, Replica.Position.Value.Revision);
    }

    [Fact]
    public void A_canary_that_is_delivered_late_asks_for_a_list_that_misses_nothing()
    {
        _driver.Resync();
        var state = Put("nodes/v1/ape/n1");
        var step = Replica.Apply(new([new("cilium/state/nodes/v1/ape/n1", [1], state, state)], state, 1));
        Assert.Equal((null, 0), (step.Delta, step.ListRevision));

        step = Replica.Apply(new([new("cilium/synced/ape/cilium/state/nodes/v1", [1], state - 1, state - 1)], state - 1, 1));

        Assert.Equal([ResourceKind.Nodes], step.ReadyToList);
        Assert.Equal(state, step.ListRevision);
        Assert.Throws<ArgumentOutOfRangeException>(() => Replica.BeginList(step.ReadyToList, state - 1));
    }

    [Fact]
    public void Only_progress_and_data_move_the_position()
    {
        Sync("nodes/v1/ape/n1");
        var position = Replica.Position!.Value.Revision;
        Assert.True(Replica.Apply(new([new(CiliumKeys.Heartbeat, [1], position + 3, 1)], position + 3, 1)).Heartbeat);
        Assert.Equal(position, Replica.Position!.Value.Revision);
        Assert.Null(Replica.Apply(new([], position + 4, 1)).Delta);
        Assert.Equal(position + 4, Replica.Position!.Value.Revision);
    }

    [Fact]
    public void What_happens_to_the_config_is_told()
    {
        Sync("nodes/v1/ape/n1");
        var good = $$"""{"id":3,"capabilities":{{Canaries}}}""";
        ConfigChange Write(string? value)
        {
            var key = CiliumKeys.ClusterConfig(_driver.Cluster);
            _ = value is null ? _driver.Etcd.Delete(key) : _driver.Etcd.Put(key, value);
            _driver.Pump();
            return _driver.LastConfigChange;
        }

        Assert.Equal(ConfigChange.Disappeared, Write(null));
        Assert.Equal(ConfigChange.Invalid, Write("{"));
        Assert.Equal(ConfigChange.Confirmed, Write(good));
        Assert.Equal(ConfigChange.Changed, Write(good.Replace("3", "4", StringComparison.Ordinal)));
        Assert.Equal(4U, Replica.Config!.Id);
        Assert.Equal("ClusterConfig", Assert.Single(_deltas[^1].Changes).Key.ToString());
    }

    [Fact]
    public void Keys_that_are_not_text_are_refused_and_counted()
    {
        Sync("nodes/v1/ape/n\ufffd1", "nodes/v1/ape/n2");
        Put("nodes/v1/ape/\ufffd");
        _driver.PumpAll();
        Assert.Equal((1, 2), (Replica.Count(ResourceKind.Nodes), Replica.RefusedKeys));
    }

    [Fact]
    public void Steps_out_of_order_are_refused()
    {
        Assert.Throws<InvalidOperationException>(() => Replica.SeeCanaries([]));
        Sync("nodes/v1/ape/n1");
        Assert.Throws<InvalidOperationException>(() => Replica.EndList(0));
        var revision = Replica.Position!.Value.Revision;
        Assert.Throws<ArgumentOutOfRangeException>(() => Replica.BeginList([ResourceKind.Nodes], revision - 1));

        Replica.BeginList([ResourceKind.Nodes], revision);
        Assert.Throws<InvalidOperationException>(() => Replica.Apply(new([], revision, 0)));
        Assert.Throws<ArgumentException>(() => Replica.AddPage(ResourceKind.Nodes, new([], revision + 1, null)));
        Assert.Throws<ArgumentException>(() => Replica.AddPage(ResourceKind.Services, new([], revision, null)));
    }

    private void Sync(params string[] keys)
    {
        foreach (var key in keys)
        {
            Put(key);
        }

        _driver.PutCanaries(Enum.GetValues<ResourceKind>().Skip(1));
        Assert.True(_driver.Resync());
    }

    private void Wipe(bool sameId)
    {
        _driver.Disconnect();
        _driver.Etcd = new(sameId ? 1UL : 2UL);
        _driver.PutConfig(Canaries, 3);
    }

    private long Put(string key, string value = "v") => _driver.Etcd.Put($"cilium/state/{key}", value);

    private long Delete(string key) => _driver.Etcd.Delete($"cilium/state/{key}");
}
