using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.TestSupport.State;
using Xunit.Abstractions;

namespace KvStoreMesh.Actors.Tests.Persistence;

/// <summary>The whole project across restarts, on a store in memory that outlives them.</summary>
public sealed class WarmRestartTests : MeshActorTest
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    private readonly FakeEntryStores _stores = new();

    public WarmRestartTests(ITestOutputHelper output)
        : base(output) => Stores = _stores;

    [Fact]
    public async Task The_last_state_is_served_with_its_age_while_every_source_is_down()
    {
        await StoredAsync("default/echo", "default/web");
        var (epoch, proof) = (Cache.Clusters[0].Position, Status()!.LastProof);
        Source().Kill();
        await RestartAsync();
        Advance(TimeSpan.FromMinutes(5));

        Configure();

        await EventuallyAsync(() => Assert.Equal(["default/echo", "default/web"], CachedServices()));
        Assert.Equal(epoch, Cache.Clusters[0].Position);
        Assert.Empty(Cache.Clusters[0].Synced);
        await EventuallyAsync(() => Assert.True(Status()!.IsRestored), Options.StatusInterval);
        Assert.False(Status()!.IsReady);
        Assert.InRange(VirtualNow - Status()!.LastProof!.Value, TimeSpan.FromMinutes(4), TimeSpan.FromDays(1));
        Assert.True(Status()!.LastProof <= proof);
        await EventuallyAsync(() => Assert.Equal((1, 3L), (State!.Status.RestoredClusters, State.Status.RestoredKeys)), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task What_happened_while_the_daemon_was_down_is_caught_up_in_the_same_epoch()
    {
        await StoredAsync("default/echo", "default/gone");
        var epoch = Cache.Clusters[0].Position.Epoch;
        await RestartAsync();
        Source().DeleteService("ape", "default/gone");
        Source().PutService("ape", "default/new");
        Source().PutService("ape", "default/echo", "v2");

        Configure();

        await ReadyAsync();
        await MirroredAsync();
        Assert.Equal(epoch, Cache.Clusters[0].Position.Epoch);
        Assert.False(Status()!.IsRestored);
        await StoreEqualsCacheAsync();
    }

    [Fact]
    public async Task A_wiped_source_is_noticed_and_only_its_complete_list_deletes()
    {
        await StoredAsync("default/echo", "default/gone");
        var epoch = Cache.Clusters[0].Position.Epoch;
        await RestartAsync();
        Source().Wipe();
        Source().Etcd.Put(SourceData.ConfigKey("ape"), SourceData.Config());

        Configure();
        await EventuallyAsync(() => Assert.NotEqual(epoch, Cache.Clusters.SingleOrDefault()?.Position.Epoch ?? epoch), Step);
        Assert.Equal(["default/echo", "default/gone"], CachedServices());

        // The stored state knows more than the new history does yet, so it is what a restart goes back to.
        await EventuallyAsync(() => Assert.Null(State!.Status.Problem), Step);
        Assert.Contains(_stores.Content.Clusters.Single().Entries, entry => entry.Key.Name == "default/gone");
        Source().PutService("ape", "default/echo");
        Source().WriteCanaries("ape");
        await ReadyAsync();
        await MirroredAsync();
        Assert.Equal(["default/echo"], CachedServices());
        await StoreEqualsCacheAsync();
    }

    [Fact]
    public async Task A_removed_cluster_does_not_come_back()
    {
        await StoredAsync("default/echo");
        Remove();
        await EventuallyAsync(() => Assert.Empty(_stores.Content.Clusters), Step);
        await RestartAsync();
        Source().Kill();

        Configure();

        await EventuallyAsync(() => Assert.NotNull(Status()?.LastError), Step);
        Assert.Empty(Cache.Clusters);
    }

    [Fact]
    public async Task A_cluster_removed_while_the_daemon_was_down_is_withdrawn_and_forgotten()
    {
        await StoredAsync("default/echo");
        await RestartAsync();
        var head = Cache.Head;

        Mesh.Tell(new ConfigurationRead(new HashSet<ClusterName>()), Akka.Actor.ActorRefs.NoSender);

        // ClusterGone, for agents that hold it since the earlier run.
        await EventuallyAsync(() => Assert.Equal(head + 1, Cache.Head), Step);
        await EventuallyAsync(() => Assert.Empty(_stores.Content.Clusters), Step);
        Assert.Contains(Logged.Entries, entry => entry.Id == 1406 && entry.Text.Contains("ape", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cluster_whose_file_is_only_broken_is_kept()
    {
        await StoredAsync("default/echo");
        await RestartAsync();

        Mesh.Tell(new ConfigurationRead(new HashSet<ClusterName> { Some.Cluster("ape") }), Akka.Actor.ActorRefs.NoSender);
        await EventuallyAsync(() => Assert.Equal(StatePhase.Open, State!.Status.Phase), Step);
        Configure();

        await EventuallyAsync(() => Assert.Equal(["default/echo"], CachedServices()), Step);
        Assert.DoesNotContain(Logged.Entries, entry => entry.Id == 1406);
    }

    [Fact]
    public async Task What_was_stored_and_is_damaged_is_not_served_and_is_said_in_one_line()
    {
        await StoredAsync("default/echo");
        await RestartAsync();
        Source().Kill();
        _stores.Tamper(Some.Cluster("ape"), stored => stored with { Entries = [.. stored.Entries.SkipLast(1)] });

        Configure();
        await EventuallyAsync(() => Assert.NotNull(Status()?.LastError), Step);
        Assert.Empty(Cache.Clusters);
        var line = Assert.Single(Logged.Entries, entry => entry.Id == 1404).Text;
        Assert.Contains("ape", line, StringComparison.Ordinal);
        Assert.Contains("memory", line, StringComparison.Ordinal);

        Source().Restore();
        await ReadyAsync();
        await MirroredAsync();
        await StoreEqualsCacheAsync();
    }

    [Fact]
    public async Task A_store_that_cannot_be_opened_costs_nothing_but_the_last_state_and_is_used_when_it_can()
    {
        _stores.OpenFailure = new EntryStoreException(EntryStoreFault.Unavailable, "memory is read-only: make it writable");
        Source().Export("ape", "default/echo");
        Configure();
        await ReadyAsync();
        await MirroredAsync();
        Assert.Equal("memory is read-only: make it writable", State!.Status.Problem);
        Assert.Single(Logged.Entries, entry => entry is { Id: 1401, Level: Microsoft.Extensions.Logging.LogLevel.Error });

        _stores.OpenFailure = null;
        await StoreEqualsCacheAsync();
        Assert.Null(State.Status.Problem);
    }

    [Fact]
    public async Task A_store_that_hangs_delays_the_start_by_its_limit_and_then_nobody()
    {
        _stores.OpenDelay = new TaskCompletionSource();
        StateOptions = new() { RestoreTimeout = TimeSpan.FromSeconds(3) };
        Source().Export("ape", "default/echo");
        Configure();
        await EventuallyAsync(() => Assert.Contains(Logged.Entries, entry => entry.Id == 1405), Step);
        await ReadyAsync();
        await MirroredAsync();

        _stores.OpenDelay.SetResult();
        await StoreEqualsCacheAsync();
    }

    [Fact]
    public async Task A_slow_or_full_disk_delays_no_change_and_is_caught_up_as_one()
    {
        await StoredAsync("default/echo");
        _stores.WriteFailure = new EntryStoreException(EntryStoreFault.Unavailable, "memory is full");
        for (var i = 0; i < 50; i++)
        {
            Source().PutService("ape", "default/echo", $"v{i}");
            Source().PutService("ape", $"default/{i % 7}");
            Source().DeleteService("ape", $"default/{(i + 3) % 7}");
        }

        await MirroredAsync();
        await EventuallyAsync(() => Assert.InRange(State!.Status.Failures, 2, int.MaxValue), TimeSpan.FromSeconds(5));
        Assert.Equal("memory is full", State!.Status.Problem);
        Assert.NotNull(State.Status.BehindSince);
        Assert.InRange(State.Status.PendingKeys, 1, 9);

        _stores.WriteFailure = null;
        await StoreEqualsCacheAsync();
        await EventuallyAsync(() => Assert.Null(State!.Status.BehindSince), Step);
    }

    [Fact]
    public async Task More_deletions_than_may_wait_are_given_up_and_the_cluster_is_written_whole()
    {
        StateOptions = new() { PendingDeletes = 5 };
        await StoredAsync([.. Enumerable.Range(0, 40).Select(i => $"default/{i}")]);
        _stores.WriteFailure = new EntryStoreException(EntryStoreFault.Unavailable, "memory is full");
        for (var i = 0; i < 30; i++)
        {
            Source().DeleteService("ape", $"default/{i}");
        }

        await MirroredAsync();
        _stores.WriteFailure = null;
        await StoreEqualsCacheAsync();
        Assert.Equal(11, _stores.Content.Clusters.Single().Entries.Count);
    }

    [Fact]
    public async Task The_journal_knows_a_cluster_whose_entries_were_never_stored()
    {
        _stores.WriteFailure = new EntryStoreException(EntryStoreFault.Unavailable, "memory is full");
        Source().Export("ape", "default/echo");
        Configure();
        await ReadyAsync();
        await MirroredAsync();
        await EventuallyAsync(() => Assert.InRange(State!.Status.Failures, 1, int.MaxValue), Step);
        await EventuallyAsync(() => Assert.Equal(Cache.Clusters[0].Position.Epoch.Value, State!.Lives.Clusters[Some.Cluster("ape")].Epoch), Step);
        await RestartAsync();
        var head = Cache.Head;

        Mesh.Tell(new ConfigurationRead(new HashSet<ClusterName>()), Akka.Actor.ActorRefs.NoSender);
        await EventuallyAsync(() => Assert.Equal(head + 1, Cache.Head), Step);
        Assert.Contains(Logged.Entries, entry => entry.Id == 1406);
    }

    private async Task StoredAsync(params string[] services)
    {
        Source().Export("ape", services);
        Configure();
        await ReadyAsync();
        await MirroredAsync();
        await StoreEqualsCacheAsync();
    }

    private Task StoreEqualsCacheAsync() => EventuallyAsync(
        () =>
        {
            var stored = Assert.Single(_stores.Content.Clusters);
            Assert.Equal(
                Cached(),
                new SortedDictionary<string, string>(
                    stored.Entries.ToDictionary(entry => $"{entry.Key}", entry => $"{System.Text.Encoding.UTF8.GetString(entry.Value!)}@{entry.Revision}"),
                    StringComparer.Ordinal));
            Assert.Equal(Cache.Clusters[0].Position, CheckpointFormat.Read(stored.Cluster, stored.Checkpoint).Position);
        },
        Step);
}
