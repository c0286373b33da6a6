using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Tests.Support;
using Xunit.Abstractions;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class AwaitingConfigTests(ITestOutputHelper output) : MeshActorTest(output)
{
    [Theory]
    [InlineData(null, "is missing")]
    [InlineData("", "is invalid")]
    [InlineData("{\"id\":", "is invalid")]
    [InlineData("not json", "is invalid")]
    public async Task Waits_for_a_config_and_says_what_is_wrong(string? value, string problem)
    {
        Source().Export("ape", "default/echo");
        Write(value);

        Configure();

        await PhaseAsync(RemoteClusterPhase.AwaitingConfig);
        Assert.Contains(problem, Status()!.ConfigProblem, StringComparison.Ordinal);
        Assert.Contains("cilium/cluster-config/ape", Status()!.ConfigProblem, StringComparison.Ordinal);
        Assert.False(Status()!.IsReady);
        Assert.Null(Cached());
    }

    [Fact]
    public async Task A_config_that_appears_is_seen_at_once_by_its_watch()
    {
        Source().Export("ape", "default/echo");
        Write(null);
        Configure();
        await PhaseAsync(RemoteClusterPhase.AwaitingConfig);
        await EventuallyAsync(() => Assert.Equal(1, Source().OpenWatches));

        Write(SourceData.Config());

        await MirroredAsync();
        await ReadyAsync();
        Assert.Null(Status()!.ConfigProblem);
        Assert.Equal(1, Source().ConnectionsOpened);
        AssertOneStreamAndOneListAtMost();
    }

    [Fact]
    public async Task Garbage_after_garbage_keeps_waiting()
    {
        Write("garbage");
        Configure();
        await PhaseAsync(RemoteClusterPhase.AwaitingConfig);

        Write(null);
        await EventuallyAsync(() => Assert.Contains("is missing", Status()!.ConfigProblem, StringComparison.Ordinal));
        Write("garbage again");
        await EventuallyAsync(() => Assert.Contains("is invalid", Status()!.ConfigProblem, StringComparison.Ordinal));
        Source().Export("ape", "default/echo");
        await MirroredAsync();
    }

    [Fact]
    public async Task The_config_is_read_again_in_case_the_watch_hangs()
    {
        Configure();
        await PhaseAsync(RemoteClusterPhase.AwaitingConfig);
        await EventuallyAsync(() => Assert.Equal(1, Source().OpenWatches));
        Source().Deliveries.Close();
        Source().Export("ape", "default/echo");

        await EventuallyAsync(() => Assert.Equal(["default/echo"], CachedServices()), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_lost_connection_is_noticed_while_waiting()
    {
        Configure();
        await PhaseAsync(RemoteClusterPhase.AwaitingConfig);

        Source().Kill();

        await PhaseAsync(RemoteClusterPhase.BackingOff);
        Source().Restore();
        Source().Export("ape", "default/echo");
        await EventuallyAsync(() => Assert.Equal(["default/echo"], CachedServices()), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Without_a_config_after_a_reconnection_everything_known_stays()
    {
        Source().Export("ape", "default/echo");
        Configure();
        await MirroredAsync();
        var before = Cached();

        Source().Wipe();
        await EventuallyAsync(() => Assert.Equal(RemoteClusterPhase.AwaitingConfig, Status()?.Phase), Options.BackoffMin);

        Assert.Equal(before, Cached());
        Assert.NotNull(Status()!.Config);
        Assert.Contains("is missing", Status()!.ConfigProblem, StringComparison.Ordinal);
    }

    private void Write(string? config)
    {
        if (config is null)
        {
            Source().Etcd.Delete(SourceData.ConfigKey("ape"));
        }
        else
        {
            Source().Etcd.Put(SourceData.ConfigKey("ape"), config);
        }
    }
}
