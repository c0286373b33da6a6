using System.Text;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.TestSupport.Sinks;
using static KvStoreMesh.TestSupport.Sinks.MirrorRun;

namespace KvStoreMesh.Core.Tests.Sinks;

/// <summary>The writer's rules, one by one; the first ones are those of Cilium's sync store (golden 27).</summary>
public sealed class SinkMirrorTests
{
    private const string Prefix = "cilium/cache/nodes/v1/foo/";
    private const string Canary = "cilium/synced/foo/cilium/cache/nodes/v1";

    private readonly MirrorRun _run = new();

    [Fact]
    public void The_same_value_again_is_not_written()
    {
        Fill("key1=value1", "key2=value2");
        Tell([Put(ResourceKind.Nodes, "key1", "value1"), Put(ResourceKind.Nodes, "key3", "value3")]);
        Assert.Equal(["key1=value1", "key2=value2", "key3=value3"], Writes());
    }

    [Fact]
    public void Values_coalesce_while_a_write_is_under_way()
    {
        Fill("key1=value1");
        _run.Feed.Apply(Delta(Foo, [Put(ResourceKind.Nodes, "key4", "value4"), Put(ResourceKind.Nodes, "key1", "valueA")]));
        _run.Start();
        _run.Feed.Apply(Delta(Foo, [Put(ResourceKind.Nodes, "key1", "valueB")]));
        _run.Start();
        Tell([Put(ResourceKind.Nodes, "key1", "valueC")]);
        Assert.Equal(["key1=value1", "key4=value4", "key1=valueA", "key1=valueC"], Writes());
    }

    [Fact]
    public void Deleting_an_unknown_key_writes_nothing()
    {
        Fill("key4=value4");
        Tell([Delete(ResourceKind.Nodes, "key5"), Delete(ResourceKind.Nodes, "key4")]);
        Assert.Equal(["key4=value4", "key4"], Writes());
        Assert.False(_run.Etcd.Holds(Prefix + "key4"));
    }

    [Fact]
    public void A_failed_write_is_repeated()
    {
        Fill("key1=value1");
        _run.Etcd.FailTransactions(2);
        _run.Feed.Apply(Delta(Foo, [Put(ResourceKind.Nodes, "key1", "valueC")]));
        _run.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal("valueC", _run.Value(Prefix + "key1"));
    }

    [Fact]
    public void A_canary_waits_for_what_was_queued_before_it_but_not_for_what_comes_later()
    {
        _run.Feed.Apply(Delta(Foo, [Config("{}")]));
        _run.Settle();
        _run.Feed.Apply(Delta(Foo, [Put(ResourceKind.Nodes, "key1", "x"), Put(ResourceKind.Nodes, "key2", "x")], ResourceKind.Nodes));
        _run.Start();
        Assert.Single(_run.Running);
        Assert.False(_run.Etcd.Holds(Canary));
        _run.Feed.Apply(Delta(Foo, [Put(ResourceKind.Nodes, "key3", "x")]));
        _run.Start();
        var later = _run.Running[^1];
        _run.Finish(_run.Running[0]);
        _run.Start();
        while (_run.Running.FirstOrDefault(command => command != later) is { } command)
        {
            _run.Finish(command);
        }

        Assert.True(_run.Etcd.Holds(Canary));
        Assert.False(_run.Etcd.Holds(Prefix + "key3"));
    }

    [Fact]
    public void A_failing_key_delays_the_canary()
    {
        Fill("key0=x");
        _run.Etcd.FailTransactions(1, StoreFailure.Refused);
        _run.Feed.Apply(Delta(Foo, [Put(ResourceKind.Nodes, "key1", "x")], ResourceKind.Nodes));
        _run.Settle();
        Assert.False(_run.Etcd.Holds(Canary));
        _run.Pass(_run.Options.RefusedRetry);
        Assert.True(_run.Etcd.Holds(Prefix + "key1"));
        Assert.True(_run.Etcd.Holds(Canary));
    }

    [Fact]
    public void A_canary_holds_the_local_time_and_survives_the_loss_of_its_lease()
    {
        Fill("key1=x");
        Tell([], ResourceKind.Nodes);
        Assert.Equal("2026-06-25T17:49:35Z", _run.Value(Canary));
        _run.Etcd.Leases.ToList().ForEach(_run.Etcd.Revoke);
        Assert.Empty(_run.Etcd.Entries);
        _run.Pass(_run.Options.LeaseTtl / 3);
        Assert.True(_run.Etcd.Holds(Canary));
        Assert.Equal("x", _run.Value(Prefix + "key1"));
    }

    [Fact]
    public void A_lease_that_a_write_finds_lost_is_replaced_at_once_with_all_its_keys()
    {
        Fill("key1=x", "key2=x");
        _run.Etcd.Leases.ToList().ForEach(_run.Etcd.Revoke);
        Tell([Put(ResourceKind.Nodes, "key1", "y")]);
        Assert.Equal("y", _run.Value(Prefix + "key1"));
        Assert.Equal("x", _run.Value(Prefix + "key2"));
        Assert.True(_run.Etcd.Holds("cilium/cluster-config/foo"));
    }

    [Fact]
    public void A_write_whose_lease_ended_before_its_answer_came_is_repeated()
    {
        Fill("key1=x");
        _run.Feed.Apply(Delta(Foo, [Put(ResourceKind.Nodes, "key2", "y")]));
        _run.Start();
        var write = Assert.Single(_run.Running);
        Assert.Null(Error(write));
        _run.Etcd.Leases.ToList().ForEach(_run.Etcd.Revoke);
        _run.Time.Advance(_run.Options.LeaseTtl / 3);
        _run.Start();
        while (_run.Running.FirstOrDefault(command => command != write) is { } other)
        {
            _run.Finish(other);
        }

        _run.Running.Remove(write);
        _run.Mirror.Complete(write, null);
        _run.Settle();
        Assert.Equal("y", _run.Value(Prefix + "key2"));
        Assert.Equal("x", _run.Value(Prefix + "key1"));
    }

    [Fact]
    public void Keys_live_on_for_as_long_as_the_daemon_does_and_one_lease_longer()
    {
        Fill("key1=x");
        _run.Pass(TimeSpan.FromHours(2));
        Assert.True(_run.Etcd.Holds(Prefix + "key1"));
        _run.Time.Advance(_run.Options.LeaseTtl);
        Assert.Empty(_run.Etcd.Entries);
    }

    [Fact]
    public void A_restarted_daemon_writes_only_what_differs_and_takes_the_rest_over()
    {
        Fill("same=x", "changed=old", "gone=x");
        Tell([], [.. SinkKeys.Resources]);
        var before = _run.Etcd.Transactions.Count;
        var next = new MirrorRun(etcd: _run.Etcd, time: _run.Time);
        next.Feed.Configure(Foo);
        next.Settle();
        Assert.Equal("x", next.Value(Prefix + "gone"));
        next.Apply(Delta(Foo, [Config("{}"), Put(ResourceKind.Nodes, "same", "x"), Put(ResourceKind.Nodes, "changed", "new")]));
        Assert.Equal("x", next.Value(Prefix + "gone"));
        next.Apply(Delta(Foo, [], ResourceKind.Nodes));

        Assert.False(next.Etcd.Holds(Prefix + "gone"));
        Assert.Equal("new", next.Value(Prefix + "changed"));
        next.Pass(TimeSpan.FromMinutes(20));
        Assert.Equal("x", next.Value(Prefix + "same"));
        Assert.True(next.Etcd.Holds(Canary));
        Assert.All(next.Etcd.Transactions.Skip(before).Take(1), operations => Assert.DoesNotContain(operations, operation => operation.IsDelete));
    }

    [Fact]
    public void Differences_are_written_before_equal_keys_are_taken_over()
    {
        Fill([.. Enumerable.Range(0, 300).Select(i => $"key{i:000}=x")]);
        var before = _run.Etcd.Transactions.Count;
        var next = new MirrorRun(etcd: _run.Etcd, time: _run.Time);
        next.Apply(Delta(Foo, [Config("{}"), .. Enumerable.Range(0, 300).Select(i => Put(ResourceKind.Nodes, $"key{i:000}", i == 299 ? "y" : "x"))]));
        var first = next.Etcd.Transactions.Skip(before).SelectMany(operations => operations).First(operation => operation.Key.StartsWith(Prefix, StringComparison.Ordinal));
        Assert.Equal(Prefix + "key299", first.Key);
    }

    [Fact]
    public void Keys_of_clusters_that_are_not_configured_are_left_to_their_leases()
    {
        _run.Etcd.Put("cilium/cache/nodes/v1/stranger/n", Bytes("x"), _run.Etcd.Grant(TimeSpan.FromMinutes(15)));
        _run.Etcd.Put("cilium/cluster-config/local", Bytes("{}"));
        _run.Etcd.Put("cilium/state/nodes/v1/local/n", Bytes("x"));
        Fill("key1=x");
        _run.Pass(TimeSpan.FromMinutes(10));
        Assert.True(_run.Etcd.Holds("cilium/cache/nodes/v1/stranger/n"));
        _run.Pass(TimeSpan.FromMinutes(10));
        Assert.False(_run.Etcd.Holds("cilium/cache/nodes/v1/stranger/n"));
        Assert.True(_run.Etcd.Holds("cilium/cluster-config/local"));
        Assert.True(_run.Etcd.Holds("cilium/state/nodes/v1/local/n"));
    }

    [Fact]
    public void A_wiped_store_is_filled_again_config_first()
    {
        Fill("key1=x", "key2=x");
        Tell([], [.. SinkKeys.Resources]);
        _run.Etcd.Wipe();
        var before = _run.Etcd.Transactions.Count;
        // Noticed by the next call, then a back-off.
        _run.Pass(_run.Options.EnforceInterval + TimeSpan.FromMinutes(1));
        Assert.Equal(9, _run.Etcd.Entries.Count);
        Assert.Equal("cilium/cluster-config/foo", _run.Etcd.Transactions[before][0].Key);
        Assert.Equal(1, _run.Mirror.Describe().HistoriesLost);
    }

    [Fact]
    public void A_mirror_of_nothing_sleeps_also_after_a_reconnect()
    {
        _run.Settle();
        _run.Etcd.IsDown = true;
        _run.Pass(_run.Options.EnforceInterval);
        _run.Etcd.IsDown = false;
        _run.Pass(TimeSpan.FromMinutes(1));
        Assert.True(_run.Mirror.Describe().Connected);
        Assert.InRange(_run.Mirror.NextDue()!.Value, TimeSpan.FromMinutes(3), _run.Options.EnforceInterval);
    }

    [Fact]
    public void A_config_that_somebody_else_changed_is_enforced()
    {
        Fill("key1=x");
        _run.Etcd.Put("cilium/cluster-config/foo", Bytes("{}"));
        _run.Pass(_run.Options.EnforceInterval);
        Assert.Equal("""{"capabilities":{"syncedCanaries":true,"cached":true}}""", _run.Value("cilium/cluster-config/foo"));
    }

    [Fact]
    public void A_cluster_added_during_its_removal_waits_for_the_end_and_comes_back()
    {
        Fill("key1=x");
        _run.Feed.Remove(Foo);
        _run.Settle();
        Fill("key2=y");
        _run.Pass(TimeSpan.FromMinutes(2));
        Assert.False(_run.Etcd.Holds("cilium/cluster-config/foo"));
        _run.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal("y", _run.Value(Prefix + "key2"));
        Assert.False(_run.Etcd.Holds(Prefix + "key1"));
        Assert.True(_run.Etcd.Holds("cilium/cluster-config/foo"));
    }

    [Fact]
    public void A_later_removal_cancels_an_addition_that_waits()
    {
        Fill("key1=x");
        _run.Feed.Remove(Foo);
        _run.Settle();
        Fill("key2=y");
        _run.Feed.Remove(Foo);
        _run.Pass(TimeSpan.FromMinutes(10));
        Assert.Empty(_run.Etcd.Entries);
    }

    [Fact]
    public void Without_draining_a_removed_cluster_is_left_as_it_is()
    {
        var run = new MirrorRun(new SinkOptions { Drain = false });
        run.Apply(Delta(Foo, [Config("{}"), Put(ResourceKind.Nodes, "key1", "x")]));
        run.Feed.Remove(Foo);
        run.Pass(TimeSpan.FromMinutes(10));
        Assert.True(run.Etcd.Holds(Prefix + "key1"));
        run.Time.Advance(TimeSpan.FromMinutes(15));
        Assert.Empty(run.Etcd.Entries);
    }

    [Fact]
    public void A_server_that_allows_fewer_operations_gets_fewer()
    {
        _run.Etcd.MaxOperations = 10;
        Fill([.. Enumerable.Range(0, 300).Select(i => $"key{i}=x")]);
        Assert.Equal(300, Writes().Distinct().Count());
        Assert.All(_run.Etcd.Transactions, operations => Assert.InRange(operations.Count, 1, 10));
    }

    [Fact]
    public void A_value_that_is_too_large_delays_no_other()
    {
        _run.Etcd.MaxRequestBytes = 5000;
        Fill(["big=" + new string('x', 6000), .. Enumerable.Range(0, 300).Select(i => $"key{i}=x")]);
        Assert.Equal(300, Writes().Distinct().Count());
        Tell([Put(ResourceKind.Nodes, "big", "small")]);
        _run.Pass(_run.Options.RefusedRetry);
        Assert.Equal("small", _run.Value(Prefix + "big"));
    }

    [Fact]
    public void The_heartbeat_is_written_every_minute_if_wanted()
    {
        var run = new MirrorRun(new SinkOptions { Heartbeat = true });
        run.Settle();
        Assert.Equal("2026-06-25T17:49:35Z", run.Value(CiliumKeys.Heartbeat));
        run.Pass(TimeSpan.FromMinutes(10));
        Assert.Equal("2026-06-25T17:59:35Z", run.Value(CiliumKeys.Heartbeat));
        Assert.Equal(11, run.Etcd.Transactions.Count);
        Assert.Single(run.Etcd.Leases);
    }

    [Fact]
    public void A_given_rate_is_kept_and_lowered_once_everything_is_there()
    {
        var run = new MirrorRun(new SinkOptions { BootstrapQps = 50, Qps = 1, MaxOperations = 1 });
        run.Feed.Apply(Delta(Foo, [Config("{}"), .. Enumerable.Range(0, 200).Select(i => Put(ResourceKind.Nodes, $"key{i}", "x"))], [.. SinkKeys.Resources]));
        run.Pass(TimeSpan.FromSeconds(1));
        Assert.InRange(run.Etcd.Transactions.Count, 80, 101);
        run.Pass(TimeSpan.FromSeconds(4));
        Assert.True(run.Mirror.IsBootstrapped);

        run.Feed.Apply(Delta(Foo, [.. Enumerable.Range(0, 200).Select(i => Put(ResourceKind.Nodes, $"key{i}", "y"))]));
        var before = run.Etcd.Transactions.Count;
        run.Pass(TimeSpan.FromSeconds(10));
        Assert.InRange(run.Etcd.Transactions.Count - before, 9, 12);
    }

    [Fact]
    public void A_resource_that_is_not_offered_gets_its_canary_and_loses_its_leftovers()
    {
        _run.Etcd.Put("cilium/cache/serviceexports/v1/foo/ns/left", Bytes("x"));
        Fill("key1=x");
        Assert.True(_run.Etcd.Holds("cilium/synced/foo/cilium/cache/serviceexports/v1"));
        Assert.True(_run.Etcd.Holds("cilium/synced/foo/cilium/cache/endpointslices/v1"));
        Assert.False(_run.Etcd.Holds("cilium/cache/serviceexports/v1/foo/ns/left"));
        Assert.False(_run.Etcd.Holds(Canary));
    }

    private void Fill(params string[] pairs) =>
        Tell([Config("{}"), .. pairs.Select(pair => Put(ResourceKind.Nodes, pair.Split('=')[0], pair.Split('=')[1]))]);

    private void Tell(IReadOnlyList<Core.Sources.MeshChange> changes, params ResourceKind[] synced) => _run.Apply(Delta(Foo, changes, synced));

    // Of nodes, in order: key=value, or key alone for a deletion.
    private IEnumerable<string> Writes() => _run.Etcd.Transactions.SelectMany(operations => operations)
        .Where(operation => operation.Key.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(operation => operation.Key[Prefix.Length..] + (operation.Value is { } value ? $"={Encoding.UTF8.GetString(value)}" : string.Empty));
}
