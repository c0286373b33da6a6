using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Keys;
using Xunit.Abstractions;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class ResumingTests(ITestOutputHelper output) : MeshActorTest(output)
{
    [Fact]
    public async Task A_healthy_reconnection_lists_nothing_and_misses_nothing()
    {
        await LiveAsync();
        var (lists, epoch) = (Source().ListsServed, Status()!.Position!.Value.Epoch);

        Source().Kill();
        await PhaseAsync(RemoteClusterPhase.BackingOff);
        Source().PutService("ape", "default/new");
        Source().DeleteService("ape", "default/echo");
        Source().PutService("ape", "default/gone");
        Source().DeleteService("ape", "default/gone");
        Source().Restore();
        await EventuallyAsync(() => Assert.Equal(Source().Mirrored("ape"), Cached()), Options.BackoffMin);
        await ReadyAsync();

        Assert.Equal((lists, epoch), (Source().ListsServed, Status()!.Position!.Value.Epoch));
        AssertOneStreamAndOneListAtMost();
    }

    [Fact]
    public async Task Nothing_counts_as_synced_before_the_watch_has_shown_the_last_known_change()
    {
        await LiveAsync();
        Source().Deliveries.Close();
        Source().BreakConnections();
        await EventuallyAsync(() => Assert.Equal(RemoteClusterPhase.Resuming, Status()?.Phase), TimeSpan.FromMilliseconds(10));

        Assert.Empty(Status()!.Synced);
        Assert.False(Status()!.IsReady);
        Assert.Equal(["default/echo", "default/web"], CachedServices());

        Source().Deliveries.Open();
        await PhaseAsync(RemoteClusterPhase.Watching);
        await ReadyAsync();
    }

    [Fact]
    public async Task A_deletion_that_a_compaction_took_away_is_missed_by_the_watch_and_found_by_the_list_that_follows()
    {
        await LiveAsync();
        Source().DeleteService("ape", "default/echo");
        await MirroredAsync();
        var lists = Source().ListsServed;
        Source().Kill();
        await PhaseAsync(RemoteClusterPhase.BackingOff);
        var deletion = Source().Etcd.Revision;
        Source().Etcd.Compact(deletion);
        Source().PutService("ape", "default/next");
        Source().Restore();

        await EventuallyAsync(() => Assert.True(Source().ListsServed > lists), Options.BackoffMin);
        await MirroredAsync();
        Assert.Contains(Logged.Entries, entry => entry.Text.Contains($"the watch from {deletion} does not begin with", StringComparison.Ordinal));
        Assert.Equal(1, Status()!.Failures);
    }

    [Fact]
    public async Task A_range_that_stays_silent_is_listed_after_a_while()
    {
        await LiveAsync();
        Source().DeleteService("ape", "default/echo");
        await MirroredAsync();
        Source().Kill();
        await PhaseAsync(RemoteClusterPhase.BackingOff);
        Source().Etcd.Compact(Source().Etcd.Revision);
        Source().Restore();
        await EventuallyAsync(() => Assert.Equal(RemoteClusterPhase.Resuming, Status()?.Phase), TimeSpan.FromMilliseconds(10));
        var lists = Source().ListsServed;

        Advance(Options.OverlapTimeout);

        await EventuallyAsync(() => Assert.True(Source().ListsServed > lists));
        await ReadyAsync();
        await MirroredAsync();
    }

    [Fact]
    public async Task What_is_compacted_beyond_the_last_change_is_probed_and_not_listed_if_nothing_came_after_it()
    {
        await LiveAsync();
        Source().Heartbeat();
        Source().SendProgress();
        await EventuallyAsync(() => Assert.Equal(Source().Etcd.Revision, Status()!.Position!.Value.Revision), Options.StatusInterval);
        var epoch = Status()!.Position!.Value.Epoch;
        Source().Etcd.Compact(Source().Etcd.Revision);
        Source().BreakConnections();
        await EventuallyAsync(() => Assert.Equal(2, Source().ConnectionsOpened), TimeSpan.FromMilliseconds(10));
        await EventuallyAsync(() => Assert.True(Status()?.IsReady), TimeSpan.FromMilliseconds(10));
        var pages = Source().PagesServed;

        Source().PutService("ape", "default/next");
        await MirroredAsync();

        // The second answer to the same probe, as something has come by the watch since the first.
        await EventuallyAsync(() => Assert.Equal(pages + 1, Source().PagesServed));
        Assert.Equal(epoch, Status()!.Position!.Value.Epoch);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task I10_Another_history_is_a_new_epoch_whatever_its_ids_and_revisions(bool sameClusterId)
    {
        await LiveAsync();
        var (position, old) = (Status()!.Position!.Value, Source().Etcd.Revision);
        Source().Kill();
        await PhaseAsync(RemoteClusterPhase.BackingOff);
        Source().Wipe(sameClusterId);
        Source().Export("ape", "default/other");
        while (Source().Etcd.Revision < old + 5)
        {
            Source().PutService("ape", "default/busy");
        }

        Source().Restore();
        await EventuallyAsync(() => Assert.Equal(Source().Mirrored("ape"), Cached()), Options.BackoffMin);
        await ReadyAsync();
        Assert.NotEqual(position.Epoch, Status()!.Position!.Value.Epoch);
    }

    [Fact]
    public async Task A_config_that_changed_meanwhile_is_a_list()
    {
        await LiveAsync();
        var lists = Source().ListsServed;
        Source().Kill();
        await PhaseAsync(RemoteClusterPhase.BackingOff);
        Source().Etcd.Put(SourceData.ConfigKey("ape"), SourceData.Config(id: 9));
        Source().Restore();
        await EventuallyAsync(() => Assert.True(Source().ListsServed > lists), Options.BackoffMin);
        await MirroredAsync();
        Assert.Equal(9U, Status()!.Config!.Id);
    }

    [Fact]
    public async Task A_source_that_is_not_complete_yet_is_listed_again()
    {
        Source().Etcd.Put(SourceData.ConfigKey("ape"), SourceData.Config());
        Source().Etcd.Put(SourceData.Canary("ape", ResourceKind.Nodes), "now");
        Configure();
        await PhaseAsync(RemoteClusterPhase.Watching);
        Source().Kill();
        await PhaseAsync(RemoteClusterPhase.BackingOff);
        Source().Export("ape", "default/echo");
        Source().Restore();
        await EventuallyAsync(() => Assert.Equal(Source().Mirrored("ape"), Cached()), Options.BackoffMin);
        await ReadyAsync();
    }

    private async Task LiveAsync()
    {
        Source().Export("ape", "default/echo", "default/web");
        Configure();
        await MirroredAsync();
        await ReadyAsync();
    }
}
