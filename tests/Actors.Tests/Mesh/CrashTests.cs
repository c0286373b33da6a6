using System.Text;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using Xunit.Abstractions;

namespace KvStoreMesh.Actors.Tests.Mesh;

public sealed class CrashTests : MeshActorTest
{
    private readonly TamperedConnector _connector;

    public CrashTests(ITestOutputHelper output)
        : base(output) => Connector = _connector = new TamperedConnector(Sources);

    [Fact]
    public async Task A_crash_keeps_the_data_and_the_next_actor_deletes_what_vanished_meanwhile()
    {
        await LiveAsync();

        _connector.ClusterId = _ => throw new InvalidOperationException("a property that must not throw threw");
        Configure();
        await CrashedAsync();
        Assert.Equal(["default/echo", "default/web"], CachedServices());
        Source().DeleteService("ape", "default/echo");
        _connector.ClusterId = id => id;

        await RecoveredAsync();
        Assert.Equal(["default/web"], CachedServices());
    }

    [Fact]
    public async Task A_crash_half_way_through_a_batch_loses_neither_puts_nor_deletes()
    {
        await LiveAsync();
        var poison = new SourceEvent(null!, Encoding.UTF8.GetBytes("v"), 1, 1);
        _connector.Batch = batch => batch with { Events = [.. batch.Events, poison] };

        Source().Etcd.Write(
            TestSupport.Sources.SourceWrite.Delete(SourceData.Key("ape", ResourceKind.Services, "default/echo")),
            TestSupport.Sources.SourceWrite.Put(SourceData.Key("ape", ResourceKind.Services, "default/new"), "v"));
        await CrashedAsync();
        Assert.Equal(["default/echo", "default/web"], CachedServices());
        _connector.Batch = batch => batch;

        await RecoveredAsync();
        Assert.Equal(["default/new", "default/web"], CachedServices());
    }

    [Fact]
    public async Task A_change_at_which_the_cache_failed_is_not_lost()
    {
        await LiveAsync();
        void Refuse() => throw new InvalidOperationException("a handler that must not throw threw");
        Cache.Published += Refuse;
        Source().PutService("ape", "default/new");
        await CrashedAsync();

        Cache.Published -= Refuse;

        await RecoveredAsync();
        Assert.Equal(["default/echo", "default/new", "default/web"], CachedServices());
    }

    [Fact]
    public async Task An_actor_that_crashes_again_and_again_is_started_ever_more_slowly_and_delays_nobody()
    {
        var deadly = SourceData.Key("ape", ResourceKind.Services, "default/poison");
        _connector.Batch = batch => batch.Events.Any(change => change.Key == deadly) ? null! : batch;
        Sources["bee"].Export("bee", "default/echo");
        Configure("bee");
        await LiveAsync();
        for (var crash = 0; crash < 5; crash++)
        {
            Source().PutService("ape", "default/poison", $"{crash}");
            await CrashedAsync();
            await EventuallyAsync(() => Assert.Equal(RemoteClusterPhase.Watching, Status()!.Phase), TimeSpan.FromSeconds(1));
        }

        Sources["bee"].PutService("bee", "default/web");
        await MirroredAsync("bee");
        Assert.Equal(6, Source().ConnectionsOpened);
    }

    [Fact]
    public async Task The_old_connection_has_ended_before_the_next_actor_connects()
    {
        await LiveAsync();
        var disposing = new TaskCompletionSource();
        _connector.BeforeDispose = () => disposing.Task;
        _connector.Batch = _ => null!;
        Source().Heartbeat();
        await CrashedAsync();
        await EventuallyAsync(() => Assert.True(VirtualNow > Status()!.NextAttempt), TimeSpan.FromMilliseconds(100));
        Assert.Equal(1, Source().ConnectionsOpened);

        _connector.Batch = batch => batch;
        disposing.SetResult();

        await RecoveredAsync();
    }

    [Fact]
    public async Task A_crashed_cluster_can_be_removed_before_it_is_started_again()
    {
        await LiveAsync();
        _connector.Batch = _ => null!;
        Source().Heartbeat();
        await CrashedAsync();

        Remove();

        await EventuallyAsync(() => Assert.Null(Status()));
        Assert.Null(Cached());
    }

    [Fact]
    public async Task A_definition_that_came_after_the_crash_is_the_one_that_is_used()
    {
        await LiveAsync();
        _connector.Batch = _ => null!;
        Source().Heartbeat();
        await CrashedAsync();
        Configure(text: "endpoints: [other]");
        _connector.Batch = batch => batch;

        await RecoveredAsync();
        await EventuallyAsync(() => Assert.Equal("endpoints: [other]", Status()!.Definition.ConfigText));
    }

    private async Task LiveAsync()
    {
        Source().Export("ape", "default/echo", "default/web");
        Configure();
        await MirroredAsync();
        await ReadyAsync();
    }

    private Task CrashedAsync() => EventuallyAsync(() =>
    {
        Assert.StartsWith("internal error", Status()!.LastError ?? "", StringComparison.Ordinal);
        Assert.Equal(RemoteClusterPhase.BackingOff, Status()!.Phase);
    });

    private async Task RecoveredAsync()
    {
        await EventuallyAsync(() => Assert.Equal(Source().Mirrored("ape"), Cached()), TimeSpan.FromMilliseconds(100));
        await ReadyAsync();
        AssertOneStreamAndOneListAtMost();
    }
}
