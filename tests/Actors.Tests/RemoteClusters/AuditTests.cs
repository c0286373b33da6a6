using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Keys;
using Xunit.Abstractions;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class AuditTests : MeshActorTest
{
    // Shorter than the silence that a watch is allowed.
    public AuditTests(ITestOutputHelper output)
        : base(output) => Options = new() { StartSpread = TimeSpan.Zero, AuditInterval = TimeSpan.FromSeconds(20) };

    [Fact]
    public async Task What_a_watch_has_lost_is_found_repaired_counted_and_named()
    {
        var connector = new TamperedConnector(Sources);
        Connector = connector;
        Source().Export("ape", "default/echo", "default/web");
        Configure();
        await ReadyAsync();

        // As etcd 3.4 loses a deletion, and worse.
        connector.Batch = batch => batch with { Events = [.. batch.Events.Where(change => !change.Key.EndsWith("/echo", StringComparison.Ordinal))] };
        Source().DeleteService("ape", "default/echo");
        Source().PutService("ape", "default/new");
        await EventuallyAsync(() => Assert.Equal(["default/echo", "default/new", "default/web"], CachedServices()));
        connector.Batch = batch => batch;

        Advance(Options.AuditInterval * 1.25);
        Source().PutService("ape", "default/newer");
        await BeatingAsync(() => Assert.Equal(Source().Mirrored("ape"), Cached()));

        await ReadyAsync();
        Assert.Equal([new(ResourceKind.Services, 1L)], Status()!.Drift);
        Assert.Contains(Logged.Entries, entry => entry.Text.Contains("has drifted: 1 keys", StringComparison.Ordinal)
            && entry.Text.Contains("Services/default/echo", StringComparison.Ordinal));
        AssertOneStreamAndOneListAtMost();
    }

    [Fact]
    public async Task A_source_that_is_as_it_should_be_is_compared_and_stays_ready()
    {
        Source().Export("ape", "default/echo");
        Configure();
        await ReadyAsync();
        var position = Status()!.Position!.Value;
        for (var round = 1; round <= 2; round++)
        {
            var before = Status()!.LastAudit;
            Advance(Options.AuditInterval * 1.25);
            await BeatingAsync(() => Assert.NotEqual(before, Status()!.LastAudit));
            Assert.True(Status()!.IsReady);
        }

        Assert.Equal((position.Epoch, 0), (Status()!.Position!.Value.Epoch, Status()!.Drift.Count));
    }

    [Fact]
    public async Task A_source_whose_past_is_compacted_is_compared_another_time()
    {
        Source().Export("ape", "default/echo");
        Configure();
        await ReadyAsync();
        Source().Heartbeat();
        Source().Etcd.Compact(Source().Etcd.Revision);
        Advance(Options.AuditInterval * 1.25);
        var pages = Source().PagesServed;
        await BeatingAsync(() => Assert.True(Source().PagesServed > pages));
        Source().PutService("ape", "default/web");
        await MirroredAsync();
        Assert.Equal((null, 0), (Status()!.LastAudit, Status()!.Failures));
    }

    // A comparison begins after a batch, and a live exporter writes one a minute.
    private Task BeatingAsync(Action assertion) => EventuallyAsync(
        () =>
        {
            Source().Heartbeat();
            assertion();
        },
        TimeSpan.FromMilliseconds(20));

    [Theory]
    [InlineData(0, 450, 750)]
    [InlineData(1_000_000_000, 2861, 4769)]
    public void A_source_too_large_for_the_budget_is_compared_less_often(long bytes, int min, int max)
    {
        var random = new Random(1);
        for (var i = 0; i < 100; i++)
        {
            Assert.InRange(AuditSchedule.Next(new(), bytes, random).TotalSeconds, min, max);
        }
    }
}
