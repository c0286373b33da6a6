using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using Xunit.Abstractions;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class ListingTests(ITestOutputHelper output) : MeshActorTest(output)
{
    [Fact]
    public async Task Pages_are_pulled_one_at_a_time_at_one_revision()
    {
        Source().Export("ape", Names(50));
        Source().PageSize = 7;

        Configure();

        await MirroredAsync();
        await ReadyAsync();
        Assert.True(Source().PagesServed > 7);
        AssertOneStreamAndOneListAtMost();
    }

    [Fact]
    public async Task Changes_during_the_list_arrive_by_the_watch_that_follows()
    {
        Source().Export("ape", Names(40));
        Source().PageSize = 3;
        var pages = 0;
        Connector = new TamperedConnector(Sources)
        {
            // Each key once, so that the loss of any single revision shows.
            BeforePage = page =>
            {
                Source().PutService("ape", $"svc-{pages:d3}", $"changed after {page.Revision}");
                Source().DeleteService("ape", $"svc-{39 - pages++:d3}");
                return Task.CompletedTask;
            },
        };

        Configure();

        await ReadyAsync();
        await MirroredAsync();
        Assert.InRange(pages, 12, 20);
    }

    [Fact]
    public async Task Without_canaries_in_its_config_everything_is_listed_at_once()
    {
        Source().Etcd.Put(SourceData.ConfigKey("ape"), SourceData.Config(canaries: false));
        Source().PutService("ape", "default/echo");

        Configure();

        await MirroredAsync();
        await ReadyAsync();
    }

    [Fact]
    public async Task Nothing_is_listed_before_its_canary()
    {
        Source().Etcd.Put(SourceData.ConfigKey("ape"), SourceData.Config());
        Source().PutService("ape", "default/echo");
        Configure();
        await PhaseAsync(RemoteClusterPhase.Watching);
        await EventuallyAsync(() => Assert.NotNull(Cached()));
        Assert.Empty(CachedServices());
        Assert.False(Status()!.IsReady);

        Source().PutService("ape", "default/web");
        Source().WriteCanaries("ape");

        await MirroredAsync();
        await ReadyAsync();
        AssertOneStreamAndOneListAtMost();
    }

    [Fact]
    public async Task One_late_canary_holds_up_its_resource_only()
    {
        Source().Export("ape", "default/echo");
        Source().Etcd.Delete(SourceData.Canary("ape", ResourceKind.Services));
        Source().Etcd.Put(SourceData.Key("ape", ResourceKind.Nodes, "n1"), "node");
        Configure();
        await EventuallyAsync(() => Assert.True(Cached()?.ContainsKey("Nodes/n1")));
        await EventuallyAsync(() => Assert.Equal(3, Status()!.Synced.Count), Options.StatusInterval);
        Assert.Empty(CachedServices());

        Source().Lists.Close();
        Source().Etcd.Put(SourceData.Canary("ape", ResourceKind.Services), "now");
        await PhaseAsync(RemoteClusterPhase.Listing);
        Assert.Equal(1, Source().OpenStreams);
        Source().Lists.Open();

        await MirroredAsync();
        await ReadyAsync();
        Assert.Equal(1, Source().ConnectionsOpened);
    }

    [Fact]
    public async Task A_wiped_source_that_still_fills_deletes_nothing_until_its_canary()
    {
        Source().Export("ape", "default/echo", "default/web");
        Configure();
        await MirroredAsync();

        Source().Wipe();
        Source().Etcd.Put(SourceData.ConfigKey("ape"), SourceData.Config());
        await EventuallyAsync(() => Assert.Equal(2, Source().ConnectionsOpened), Options.BackoffMin);
        await PhaseAsync(RemoteClusterPhase.Watching);
        Assert.Equal(["default/echo", "default/web"], CachedServices());

        Source().PutService("ape", "default/web");
        Source().WriteCanaries("ape");
        await MirroredAsync();
        Assert.Equal(["default/web"], CachedServices());
    }

    [Fact]
    public async Task A_page_of_an_attempt_that_is_over_changes_nothing()
    {
        Source().Export("ape", "default/old");
        var late = new TaskCompletionSource();
        var connector = new TamperedConnector(Sources)
        {
            BeforePage = page =>
                page.Entries.Any(entry => entry.Key.EndsWith("/old", StringComparison.Ordinal)) ? late.Task : Task.CompletedTask,
        };
        Connector = connector;
        Configure();
        await EventuallyAsync(() => Assert.Equal(5, Source().PagesServed));

        connector.BeforePage = _ => Task.CompletedTask;
        Source().DeleteService("ape", "default/old");
        Source().PutService("ape", "default/new");
        Configure(text: "endpoints: [other]");
        await PhaseAsync(RemoteClusterPhase.BackingOff);
        Source().Lists.Close();
        Advance(Options.CloseTimeout);
        await PhaseAsync(RemoteClusterPhase.Listing);

        // The new attempt waits for a page when the old one's arrives.
        late.SetResult();
        await EventuallyAsync(() => Assert.Equal(1, Source().OpenConnections));
        Source().Lists.Open();
        await MirroredAsync();
        Source().PutService("ape", "default/newer");
        await MirroredAsync();
        Assert.Equal(["default/new", "default/newer"], CachedServices());
    }

    [Fact]
    public async Task A_compaction_during_the_list_starts_it_anew_at_once()
    {
        Source().Export("ape", Names(20));
        Source().PageSize = 3;
        var pages = 0;
        Connector = new TamperedConnector(Sources)
        {
            BeforePage = _ =>
            {
                if (++pages == 5)
                {
                    Source().DeleteService("ape", "svc-000");
                    Source().Etcd.Compact(Source().Etcd.Revision);
                }

                return Task.CompletedTask;
            },
        };

        Configure();

        await MirroredAsync();
        Assert.Equal(0, Status()!.Failures);
        Assert.Equal(1, Source().ConnectionsOpened);
    }

    [Fact]
    public async Task A_source_that_compacts_faster_than_it_can_be_listed_backs_off()
    {
        Source().Export("ape", Names(20));
        Source().PageSize = 3;
        Connector = new TamperedConnector(Sources)
        {
            BeforePage = _ =>
            {
                Source().Heartbeat();
                Source().Etcd.Compact(Source().Etcd.Revision);
                return Task.CompletedTask;
            },
        };

        Configure();

        await PhaseAsync(RemoteClusterPhase.BackingOff);
        await EventuallyAsync(() => Assert.Contains("compacted", Status()!.LastError, StringComparison.Ordinal));
        Assert.Equal(1 + Options.CompactionRetries, Source().ListsServed);
    }

    [Fact]
    public async Task A_list_that_hangs_is_given_up_in_time()
    {
        Source().Export("ape", "default/echo");
        Source().Lists.Close();
        Configure();
        await PhaseAsync(RemoteClusterPhase.Listing);
        await EventuallyAsync(() => Assert.Equal(1, Source().PagesServed));

        Advance(Options.ListPageTimeout);

        await PhaseAsync(RemoteClusterPhase.BackingOff);
        Assert.Equal(SourcePhase.List, Status()!.LastErrorPhase);
    }

    private static string[] Names(int count) => [.. Enumerable.Range(0, count).Select(i => $"svc-{i:d3}")];
}
