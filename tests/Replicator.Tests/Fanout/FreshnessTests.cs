using System.Collections.Immutable;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Protos.V1;
using KvStoreMesh.Replicator.Fanout;
using Microsoft.Extensions.Time.Testing;

namespace KvStoreMesh.Replicator.Tests.Fanout;

public sealed class FreshnessTests
{
    private static readonly ClusterName B = ClusterName.Parse("b");

    [Theory]
    [InlineData(RemoteClusterPhase.Connecting, false, SourceState.Connecting)]
    [InlineData(RemoteClusterPhase.BackingOff, false, SourceState.Connecting)]
    [InlineData(RemoteClusterPhase.Connecting, true, SourceState.Stale)]
    [InlineData(RemoteClusterPhase.BackingOff, true, SourceState.Stale)]
    [InlineData(RemoteClusterPhase.AwaitingConfig, true, SourceState.Stale)]
    [InlineData(RemoteClusterPhase.Draining, true, SourceState.Stale)]
    [InlineData(RemoteClusterPhase.Listing, true, SourceState.Syncing)]
    [InlineData(RemoteClusterPhase.Watching, true, SourceState.Live)]
    public void A_source_without_connection_is_stale_if_anything_is_known(RemoteClusterPhase phase, bool known, SourceState expected) =>
        Assert.Equal(expected, FreshnessFeed.StateOf(Some.Status("b", phase, known)));

    [Fact]
    public void A_change_of_state_is_a_new_version_and_a_mere_age_is_not()
    {
        var time = new FakeTimeProvider();
        var board = new MeshStatusBoard();
        var cache = new MeshCache(new MeshCacheOptions());
        new MeshWorld(cache, new Random(1)).Change(B, 1);
        var feed = new FreshnessFeed(board, cache, time);
        var proof = time.GetUtcNow();

        var live = Report(RemoteClusterPhase.Watching);
        var older = Report(RemoteClusterPhase.Watching);
        var stale = Report(RemoteClusterPhase.BackingOff);

        Assert.Equal((SourceState.Live, 250.0), (live.Clusters[0].State, live.Clusters[0].Age.TotalMilliseconds));
        Assert.Equal(500ul, older.Clusters[0].Tell(Core.Keys.ResourceSet.All).AgeMs);
        Assert.Equal(live.StateVersion, older.StateVersion);
        Assert.Equal(SourceState.Stale, stale.Clusters[0].State);
        Assert.NotEqual(older.StateVersion, stale.StateVersion);
        Assert.Same(stale, feed.Current());

        FreshnessReport Report(RemoteClusterPhase phase)
        {
            time.Advance(FreshnessFeed.MinAge);
            board.Publish(ImmutableSortedDictionary<ClusterName, RemoteClusterStatus>.Empty.Add(B, Some.Status("b", phase, true) with { LastProof = proof }));
            return feed.Current();
        }
    }

    [Fact]
    public void A_heartbeat_is_due_after_its_interval_within_a_tenth_or_at_a_change_of_state()
    {
        var time = new FakeTimeProvider();
        var report = new FreshnessReport([], 0);
        var schedule = new HeartbeatSchedule(TimeSpan.FromSeconds(5), new Random(1), time);
        for (var i = 0; i < 100; i++)
        {
            time.Advance(TimeSpan.FromSeconds(4.4));
            Assert.False(schedule.IsDue(report));
            time.Advance(TimeSpan.FromSeconds(1.2));
            Assert.True(schedule.IsDue(report));
            schedule.Sent(report);
            Assert.False(schedule.IsDue(report));
        }

        Assert.True(schedule.IsDue(report with { StateVersion = 1 }));
    }
}
