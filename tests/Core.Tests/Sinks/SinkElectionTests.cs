using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.TestSupport.Sinks;
using Microsoft.Extensions.Time.Testing;
using static KvStoreMesh.TestSupport.Sinks.MirrorRun;

namespace KvStoreMesh.Core.Tests.Sinks;

/// <summary>Two daemons that share one etcd: one writes, and who has lost the lead cannot.</summary>
public sealed class SinkElectionTests
{
    private const string Key = "cilium/cache/nodes/v1/foo/key";
    private static readonly SinkOptions Options = new() { ElectLeader = true };

    // A dead leader's lock ends, and the standby asks once a second.
    private static readonly TimeSpan TakeOver = Options.LockTtl + TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 25, 17, 49, 35, TimeSpan.Zero));
    private readonly FakeLocalEtcd _etcd;
    private readonly MirrorRun _first;
    private readonly MirrorRun _second;

    public SinkElectionTests()
    {
        _etcd = new FakeLocalEtcd(_time);
        _first = new MirrorRun(Options, _etcd, _time, seed: 1);
        _second = new MirrorRun(Options, _etcd, _time, seed: 2);
        Tell(_first, "old");
    }

    [Fact]
    public void The_first_one_leads_at_once_by_Ciliums_key()
    {
        Assert.True(_first.Mirror.Describe().IsLeader);
        Assert.Equal("old", _first.Value(Key));
        var held = Assert.Single(_etcd.Entries, entry => entry.Key.StartsWith("cilium/kvstoremesh-lock/", StringComparison.Ordinal));
        Assert.Equal($"cilium/kvstoremesh-lock/{held.Lease:x}", held.Key);
        Assert.Empty(held.Value);
        Assert.Equal(held.Key, _first.Mirror.Describe().Leader);
    }

    [Fact]
    public void A_standby_writes_nothing_but_its_place_in_the_queue()
    {
        var before = _etcd.Transactions.Count;
        Tell(_second, "new");
        Both(TimeSpan.FromMinutes(10));
        Assert.All(_etcd.Transactions.Skip(before).SelectMany(operations => operations), operation => Assert.StartsWith(SinkKeys.Locks, operation.Key, StringComparison.Ordinal));
        Assert.False(_second.Mirror.Describe().IsLeader);
        Assert.Equal(_first.Mirror.Describe().Leader, _second.Mirror.Describe().Leader);
    }

    [Fact]
    public void A_dead_leader_is_followed_within_its_lock_s_time_and_no_key_is_missed_meanwhile()
    {
        Tell(_second, "old");
        _etcd.Applying = operations => Assert.DoesNotContain(operations, operation => operation.IsDelete);
        _second.Pass(TakeOver);
        Assert.True(_second.Mirror.Describe().IsLeader);
        Assert.Equal("old", _second.Value(Key));
        _second.Pass(Options.LeaseTtl + Options.LeaseTtl);
        Assert.Equal("old", _second.Value(Key));
        Assert.True(_etcd.Holds("cilium/cluster-config/foo"));
    }

    [Fact]
    public void A_leader_that_was_frozen_cannot_write_and_stands_by()
    {
        _first.Feed.Apply(Delta(Foo, [Put(ResourceKind.Nodes, "key", "stale")]));
        _first.Start();
        var stale = Assert.Single(_first.Running);
        Tell(_second, "new");
        _second.Pass(TakeOver);
        Assert.Equal("new", _second.Value(Key));

        _first.Finish(stale);
        _first.Settle();

        Assert.Equal("new", _second.Value(Key));
        var status = _first.Mirror.Describe();
        Assert.Equal((false, 1), (status.IsLeader, status.LeadsLost));
        Both(TimeSpan.FromMinutes(1));
        Assert.True(_second.Mirror.Describe().IsLeader);
        Assert.Equal(_second.Mirror.Describe().Leader, _first.Mirror.Describe().Leader);
    }

    [Fact]
    public void A_leader_that_cannot_reach_the_store_gives_the_lead_up_by_its_own_clock()
    {
        _etcd.IsDown = true;
        _first.Pass(Options.LockTtl - TimeSpan.FromSeconds(9));
        Assert.True(_first.Mirror.Describe().IsLeader);
        _first.Pass(TimeSpan.FromSeconds(10));
        Assert.False(_first.Mirror.Describe().IsLeader);
        _etcd.IsDown = false;
        _first.Pass(TakeOver + Options.MaxBackoff);
        Assert.True(_first.Mirror.Describe().IsLeader);
        Assert.Equal("old", _first.Value(Key));
    }

    [Fact]
    public async Task A_leader_that_stops_hands_the_lead_over_at_once()
    {
        Tell(_second, "new");
        var store = _first.Mirror.Release(out var lockLease)!;
        await store.RevokeAsync(lockLease, CancellationToken.None);
        _second.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal("new", _second.Value(Key));
    }

    [Fact]
    public void A_lock_that_an_operator_deletes_is_fought_for_again()
    {
        _etcd.Revoke(_etcd.Entries.Single(entry => entry.Key.StartsWith(SinkKeys.Locks, StringComparison.Ordinal)).Lease);
        Tell(_first, "later");
        _first.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal("later", _first.Value(Key));
        Assert.True(_first.Mirror.Describe().IsLeader);
    }

    [Fact]
    public void A_wiped_store_gets_a_new_lock_before_anything_else()
    {
        _etcd.Wipe();
        var before = _etcd.Transactions.Count;
        _first.Pass(TakeOver);
        Assert.Equal("old", _first.Value(Key));
        Assert.StartsWith(SinkKeys.Locks, _etcd.Transactions[before][0].Key, StringComparison.Ordinal);
        Assert.True(_first.Mirror.Describe().IsLeader);
    }

    [Fact]
    public void A_removal_under_way_is_finished_by_the_next_leader()
    {
        Tell(_second, "old");
        _first.Feed.Remove(Foo);
        _second.Feed.Remove(Foo);
        _first.Pass(TimeSpan.FromMinutes(1));
        _second.Pass(TimeSpan.FromMinutes(4));
        Assert.False(_etcd.Holds(Key));
        Assert.DoesNotContain(_etcd.Entries, entry => !entry.Key.StartsWith(SinkKeys.Locks, StringComparison.Ordinal));
    }

    private static void Tell(MirrorRun run, string value) => run.Apply(
        Delta(Foo, [Config("{}"), Put(ResourceKind.Nodes, "key", value)], [.. SinkKeys.Resources]));

    private void Both(TimeSpan duration)
    {
        for (var end = _time.GetUtcNow() + duration; _time.GetUtcNow() < end;)
        {
            _first.Pass(TimeSpan.FromSeconds(1));
            _second.Settle();
        }
    }
}
