using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Sources;
using Xunit.Abstractions;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class ConnectingTests(ITestOutputHelper output) : MeshActorTest(output)
{
    [Fact]
    public async Task Mirrors_a_source_from_config_to_last_key()
    {
        Source().Export("ape", "default/echo", "default/web");

        Configure();

        await MirroredAsync();
        await ReadyAsync();
        Assert.Equal("fake://ape", Status()!.Endpoint);
        Assert.Equal(Source().Etcd.ClusterId, Status()!.EtcdClusterId);
        Assert.Equal(2, Status()!.Counts[Core.Keys.ResourceKind.Services]);
        Assert.Equal(4, Status()!.Watches);
        Assert.Equal(4, Source().OpenWatches);
        Assert.Equal((1, 1), (Source().OpenConnections, Source().OpenStreams));
    }

    [Fact]
    public async Task The_first_attempt_is_spread_by_the_name()
    {
        Options = new() { StartSpread = TimeSpan.FromHours(1) };
        Source().Export("ape");
        Configure();
        await PhaseAsync(RemoteClusterPhase.BackingOff);
        Assert.Equal(VirtualNow + ReconnectBackoff.FirstDelay(Some.Cluster("ape"), Options.StartSpread), Status()!.NextAttempt);
        Assert.Equal(0, Source().ConnectionsOpened);

        await EventuallyAsync(() => Assert.Equal(1, Source().ConnectionsOpened), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_refused_connection_backs_off_and_says_why()
    {
        Source().Export("ape", "default/echo");
        Source().Kill();

        Configure();

        await PhaseAsync(RemoteClusterPhase.BackingOff);
        await EventuallyAsync(() => Assert.Equal("ape: connection refused", Status()!.LastError));
        Assert.Equal((SourcePhase.Tcp, 1), (Status()!.LastErrorPhase, Status()!.Failures));
        Assert.InRange(Status()!.NextAttempt!.Value, VirtualNow, VirtualNow + Options.BackoffMin);

        Source().Restore();
        await EventuallyAsync(() => Assert.Equal(["default/echo"], CachedServices()), Options.BackoffMin);
        await ReadyAsync();
        Assert.Null(Status()!.LastError);
        Assert.NotNull(Status()!.LastFailure);
    }

    [Fact]
    public async Task A_connection_that_hangs_is_given_up_in_time()
    {
        Source().Connects.Close();
        Configure();
        await PhaseAsync(RemoteClusterPhase.Connecting);

        Advance(Options.ConnectTimeout);

        await EventuallyAsync(() => Assert.Contains("no answer within 30 s", Status()!.LastError, StringComparison.Ordinal));
        Assert.Contains("/clustermesh/ape", Status()!.LastError, StringComparison.Ordinal);
        Assert.Equal(RemoteClusterPhase.BackingOff, Status()!.Phase);
    }

    [Fact]
    public async Task A_new_definition_cuts_a_connection_that_hangs()
    {
        Source().Export("ape", "default/echo");
        Source().Connects.Close();
        Configure();
        await PhaseAsync(RemoteClusterPhase.Connecting);

        Configure(text: "endpoints: [other]");
        await EventuallyAsync(() => Assert.Equal("endpoints: [other]", Status()!.Definition.ConfigText));
        Source().Connects.Open();

        await MirroredAsync();
        Assert.Equal(0, Status()!.Failures);
    }

    [Fact]
    public async Task A_connection_that_comes_after_a_new_definition_is_disposed()
    {
        Source().Export("ape", "default/echo");
        var connector = new HeldConnector(Sources);
        Connector = connector;
        Configure();
        await EventuallyAsync(() => Assert.Equal(1, connector.Held));

        connector.Holds = false;
        Configure(text: "endpoints: [other]");
        await MirroredAsync();
        Assert.Equal(2, Source().OpenConnections);

        connector.ReleaseOne();
        await EventuallyAsync(() => Assert.Equal(1, Source().OpenConnections));
        Source().PutService("ape", "default/later");
        await MirroredAsync();
        await EventuallyAsync(() => Assert.Equal("endpoints: [other]", Status()!.Definition.ConfigText));
        AssertOneStreamAndOneListAtMost();
    }

    [Fact]
    public async Task The_next_connection_waits_for_the_end_of_the_old_one_but_not_for_ever()
    {
        Source().Export("ape", "default/echo");
        var connector = new TamperedConnector(Sources) { BeforeDispose = () => new TaskCompletionSource().Task };
        Connector = connector;
        Configure();
        await MirroredAsync();

        Configure(text: "endpoints: [other]");
        await PhaseAsync(RemoteClusterPhase.BackingOff);
        Assert.Equal(1, Source().ConnectionsOpened);

        Advance(Options.CloseTimeout);
        await EventuallyAsync(() => Assert.Equal(2, Source().ConnectionsOpened));
    }

    [Fact]
    public async Task A_fault_of_the_adapter_is_a_failure_with_its_type()
    {
        Source().Export("ape");
        var connector = new TamperedConnector(Sources) { Read = _ => throw new FormatException("odd answer") };
        Connector = connector;
        Configure();

        await EventuallyAsync(() => Assert.Equal("unexpected FormatException: odd answer", Status()?.LastError));
        Assert.Equal(SourcePhase.ClusterConfig, Status()!.LastErrorPhase);
    }
}
