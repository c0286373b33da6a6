using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Tests.Support;
using Xunit.Abstractions;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class DrainingTests : MeshActorTest
{
    // A resume that has to be met stays until the test has looked.
    public DrainingTests(ITestOutputHelper output)
        : base(output) => Options = new() { StartSpread = TimeSpan.Zero, OverlapTimeout = TimeSpan.FromDays(1) };

    public static TheoryData<RemoteClusterPhase> Phases => new(
        Enum.GetValues<RemoteClusterPhase>().Where(phase => phase != RemoteClusterPhase.Draining));

    [Theory]
    [MemberData(nameof(Phases))]
    public async Task A_cluster_can_be_removed_in_every_state(RemoteClusterPhase phase)
    {
        await EnterAsync(phase);

        Remove();

        await GoneAsync();
    }

    [Theory]
    [MemberData(nameof(Phases))]
    public async Task A_cluster_that_was_live_before_can_be_removed_in_every_state(RemoteClusterPhase phase)
    {
        Source().Export("ape", "default/echo");
        Configure();
        await MirroredAsync();
        Source().Kill();
        await PhaseAsync(RemoteClusterPhase.BackingOff);
        Source().Restore();
        Source().Etcd.Delete(SourceData.ConfigKey("ape"));
        await EnterAsync(phase);
        Assert.Equal(["default/echo"], CachedServices());

        Remove();

        await GoneAsync();
    }

    [Fact]
    public async Task Configured_again_while_it_drains_it_starts_anew_after_the_end()
    {
        var disposing = new TaskCompletionSource();
        Connector = new TamperedConnector(Sources) { BeforeDispose = () => disposing.Task };
        Source().Export("ape", "default/echo");
        Configure();
        await MirroredAsync();

        Remove();
        await PhaseAsync(RemoteClusterPhase.Draining);
        Configure(text: "endpoints: [second]");
        Configure(text: "endpoints: [third]");
        Source().DeleteService("ape", "default/echo");
        Source().PutService("ape", "default/web");
        Assert.Equal(RemoteClusterPhase.Draining, Status()!.Phase);
        disposing.SetResult();

        await MirroredAsync();
        await EventuallyAsync(() => Assert.Equal("endpoints: [third]", Status()!.Definition.ConfigText));
        Assert.Equal((2, 1), (Source().ConnectionsOpened, Source().OpenConnections));
        AssertOneStreamAndOneListAtMost();
    }

    [Fact]
    public async Task A_later_removal_cancels_the_configuration_that_waits()
    {
        var disposing = new TaskCompletionSource();
        Connector = new TamperedConnector(Sources) { BeforeDispose = () => disposing.Task };
        Source().Export("ape", "default/echo");
        Configure();
        await MirroredAsync();

        Remove();
        Configure(text: "endpoints: [second]");
        Remove();
        await PhaseAsync(RemoteClusterPhase.Draining);
        disposing.SetResult();

        await GoneAsync();
        Assert.Equal(1, Source().ConnectionsOpened);
    }

    [Fact]
    public async Task A_connection_that_does_not_end_delays_the_drain_for_a_bounded_time()
    {
        Connector = new TamperedConnector(Sources) { BeforeDispose = () => new TaskCompletionSource().Task };
        Source().Export("ape", "default/echo");
        Configure();
        await MirroredAsync();

        Remove();
        await PhaseAsync(RemoteClusterPhase.Draining);
        Assert.NotNull(Cached());
        Advance(Options.CloseTimeout);

        await EventuallyAsync(() => Assert.Null(Cached()));
        await EventuallyAsync(() => Assert.Null(Status()));
    }

    private async Task EnterAsync(RemoteClusterPhase phase)
    {
        switch (phase)
        {
            case RemoteClusterPhase.Connecting:
                Source().Connects.Close();
                break;
            case RemoteClusterPhase.AwaitingConfig:
                break;
            case RemoteClusterPhase.Listing:
                Source().Lists.Close();
                Source().Export("ape", "default/echo");
                Source().Etcd.Put(SourceData.ConfigKey("ape"), SourceData.Config(id: 2));
                break;
            case RemoteClusterPhase.Resuming:
                Source().Export("ape", "default/echo");
                Configure();
                await ReadyAsync();
                Source().Deliveries.Close();
                Source().BreakConnections();
                await EventuallyAsync(() => Assert.Equal(phase, Status()?.Phase), Options.BackoffMin);
                return;
            case RemoteClusterPhase.Watching:
                Source().Export("ape", "default/echo");
                break;
            case RemoteClusterPhase.BackingOff:
                Source().Kill();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(phase));
        }

        Configure();
        await PhaseAsync(phase);
    }

    private async Task GoneAsync()
    {
        await EventuallyAsync(() => Assert.Null(Status()));
        Assert.Null(Cached());
        Assert.Empty(Cache.Clusters);
        await EventuallyAsync(() => Assert.Equal((0, 0), (Source().OpenConnections, Source().OpenStreams)));
        AssertOneStreamAndOneListAtMost();
    }
}
