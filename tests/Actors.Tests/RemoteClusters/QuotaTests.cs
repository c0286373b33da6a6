using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Sources;
using Xunit.Abstractions;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class QuotaTests : MeshActorTest
{
    public QuotaTests(ITestOutputHelper output)
        : base(output) => Options = new() { StartSpread = TimeSpan.Zero, Quota = new(MaxKeys: 3, MaxBytes: 0) };

    [Fact]
    public async Task A_cluster_that_outgrows_its_quota_stands_still_says_so_and_comes_back_when_it_has_shrunk()
    {
        Source().Export("ape", "default/a", "default/b", "default/c");
        Source("bee").Export("bee", "default/a");
        Configure();
        Configure("bee");
        await ReadyAsync();
        await ReadyAsync("bee");
        var held = Cached();

        Source().PutService("ape", "default/d");
        Source().PutService("ape", "default/e");
        Source().DeleteService("ape", "default/a");
        await EventuallyAsync(() => Assert.Equal(SourcePhase.Quota, Status()!.LastErrorPhase));
        Assert.Contains("3 keys of the quota", Status()!.Excess, StringComparison.Ordinal);
        Assert.Contains(Logged.Entries, entry => entry.Text.Contains("Remote cluster ape is over its quota", StringComparison.Ordinal));

        // It is listed again, and again refused, however long it takes; the others go on.
        var failures = Status()!.Failures;
        await EventuallyAsync(() => Assert.True(Status()!.Failures > failures + 1), Options.QuotaRecheckMin);
        Assert.Equal(held, Cached());
        Assert.False(Status()!.IsReady);
        Source("bee").PutService("bee", "default/b");
        await MirroredAsync("bee");
        Assert.Null(Status("bee")!.Excess);

        Source().DeleteService("ape", "default/d");
        await EventuallyAsync(() => Assert.True(Status()!.IsReady), Options.QuotaRecheckMin);
        await MirroredAsync();
        Assert.Equal((null, null), (Status()!.Excess, Status()!.LastError));
        Source().PutService("ape", "default/b", "v2");
        await MirroredAsync();
        AssertOneStreamAndOneListAtMost();
    }

    [Fact]
    public async Task A_source_that_is_too_large_from_the_start_is_never_taken_over_in_part()
    {
        Source().Export("ape", "default/a", "default/b", "default/c", "default/d");
        Configure();
        await EventuallyAsync(() => Assert.Equal(SourcePhase.Quota, Status()?.LastErrorPhase));
        Assert.Equal((RemoteClusterPhase.BackingOff, null), (Status()!.Phase, Status()!.Position));
        Assert.Null(Cached());

        Source().DeleteService("ape", "default/d");
        await EventuallyAsync(() => Assert.True(Status()!.IsReady), Options.QuotaRecheckMin);
        await MirroredAsync();
    }
}
