using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Sources;
using Xunit.Abstractions;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class WatchingTests(ITestOutputHelper output) : MeshActorTest(output)
{
    private string Problem => Status()!.ConfigProblem ?? "";

    [Fact]
    public async Task Puts_and_deletes_follow_without_a_list()
    {
        await LiveAsync();
        var lists = Source().ListsServed;

        for (var i = 0; i < 100; i++)
        {
            Source().PutService("ape", $"default/svc-{i % 7}", $"v{i}");
            Source().DeleteService("ape", $"default/svc-{i % 5}");
        }

        await MirroredAsync();
        Assert.Equal(lists, Source().ListsServed);
    }

    [Fact]
    public async Task A_lost_source_deletes_nothing_however_long_it_is_away()
    {
        await LiveAsync();
        var before = Cached();

        Source().Kill();
        await PhaseAsync(RemoteClusterPhase.BackingOff);
        for (var minute = 0; minute < 60; minute++)
        {
            Advance(TimeSpan.FromMinutes(1));
        }

        await EventuallyAsync(() => Assert.InRange(Status()!.Failures, 5, int.MaxValue), Options.BackoffMax);
        Assert.Equal(before, Cached());
        Assert.False(Status()!.IsReady);
    }

    [Fact]
    public async Task What_vanished_while_the_source_was_away_is_deleted_by_the_next_list()
    {
        await LiveAsync();
        Source().Kill();
        await PhaseAsync(RemoteClusterPhase.BackingOff);
        Source().DeleteService("ape", "default/echo");
        Source().PutService("ape", "default/web", "v2");
        Source().Etcd.Compact(Source().Etcd.Revision);

        Source().Restore();

        await EventuallyAsync(() => Assert.Equal(Source().Mirrored("ape"), Cached()), Options.BackoffMin);
        Assert.Equal(["default/web"], CachedServices());
        AssertOneStreamAndOneListAtMost();
    }

    [Fact]
    public async Task A_watch_that_compaction_overtook_is_replaced_by_a_list_without_a_failure()
    {
        await LiveAsync();
        Source().Deliveries.Close();
        Source().PutService("ape", "default/missed");
        Source().DeleteService("ape", "default/echo");
        Source().Heartbeat();
        Source().Etcd.Compact(Source().Etcd.Revision);

        Source().Deliveries.Open();

        await MirroredAsync();
        Assert.Equal((1, 0), (Source().ConnectionsOpened, Status()!.Failures));
        AssertOneStreamAndOneListAtMost();
    }

    [Fact]
    public async Task A_changed_config_lists_again_on_the_same_connection()
    {
        await LiveAsync();
        var lists = Source().ListsServed;

        Source().Etcd.Put(SourceData.ConfigKey("ape"), SourceData.Config(id: 7));

        await MirroredAsync();
        await EventuallyAsync(() => Assert.Equal(7u, Status()!.Config!.Id), Options.StatusInterval);
        await ReadyAsync();
        Assert.True(Source().ListsServed > lists);
        Assert.Equal((1, 1), (Source().ConnectionsOpened, Source().OpenStreams));
        AssertOneStreamAndOneListAtMost();
    }

    [Fact]
    public async Task A_config_that_disappears_or_turns_to_garbage_is_flagged_and_changes_nothing()
    {
        await LiveAsync();

        Source().Etcd.Delete(SourceData.ConfigKey("ape"));
        await EventuallyAsync(() => Assert.Contains("was deleted", Problem, StringComparison.Ordinal), Options.StatusInterval);
        Source().Etcd.Put(SourceData.ConfigKey("ape"), "garbage");
        await EventuallyAsync(() => Assert.Contains("no longer parses", Problem, StringComparison.Ordinal), Options.StatusInterval);
        Assert.All(
            (string[])["was deleted", "no longer parses"],
            problem => Assert.Contains(Logged.Entries, entry => entry.Text.Contains(problem, StringComparison.Ordinal)));
        Source().PutService("ape", "default/later");
        await EventuallyAsync(() => Assert.Contains("default/later", CachedServices()));

        Source().Etcd.Put(SourceData.ConfigKey("ape"), SourceData.Config());
        await EventuallyAsync(() => Assert.Null(Status()!.ConfigProblem), Options.StatusInterval);
        Assert.Contains("default/echo", CachedServices());
    }

    [Fact]
    public async Task A_new_definition_reconnects_and_keeps_everything()
    {
        await LiveAsync();
        var before = Cached();
        Source().Connects.Close();

        Configure(text: "endpoints: [other]");

        await PhaseAsync(RemoteClusterPhase.Connecting);
        Assert.Equal(before, Cached());
        Assert.Equal((0, 0), (Source().OpenConnections, Source().OpenStreams));
        Source().Connects.Open();
        await ReadyAsync();
        Assert.Equal(before, Cached());
        AssertOneStreamAndOneListAtMost();
    }

    [Fact]
    public async Task A_silent_watch_is_stale_after_two_minutes_and_reconnects()
    {
        await LiveAsync();
        Source().Deliveries.Close();
        Source().Heartbeat();
        Source().PutService("ape", "default/unseen");

        await SilenceAsync();

        await EventuallyAsync(() => Assert.Contains("cilium/.heartbeat", Status()!.LastError ?? "", StringComparison.Ordinal));
        Assert.Equal((SourcePhase.Watch, 1), (Status()!.LastErrorPhase, Status()!.Failures));
        Source().Deliveries.Open();
        await EventuallyAsync(() => Assert.Contains("default/unseen", CachedServices()), Options.BackoffMin);
        AssertOneStreamAndOneListAtMost();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_heartbeat_or_a_progress_notification_keeps_it_fresh(bool heartbeat)
    {
        await LiveAsync();
        for (var i = 0; i < 20; i++)
        {
            Advance(Options.HeartbeatTimeout / 2);
            if (heartbeat)
            {
                Source().Heartbeat();
            }
            else
            {
                Source().SendProgress();
            }

            await EventuallyAsync(
                () => Assert.Equal(VirtualNow, Status()!.LastProof!.Value, Options.StatusInterval * 40), Options.StatusInterval);
        }

        Assert.Equal((1, 0), (Source().ConnectionsOpened, Status()!.Failures));
    }

    private async Task LiveAsync()
    {
        Source().Export("ape", "default/echo", "default/web");
        Configure();
        await MirroredAsync();
        await ReadyAsync();
    }

    private async Task SilenceAsync()
    {
        await EventuallyAsync(() => Assert.Equal(1, Source().OpenStreams));
        for (var waited = TimeSpan.Zero; waited <= Options.HeartbeatTimeout; waited += Options.FreshnessCheckInterval)
        {
            Advance(Options.FreshnessCheckInterval);
        }
    }
}
