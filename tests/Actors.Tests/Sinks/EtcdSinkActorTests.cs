using System.Text;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Sinks;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Sinks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KvStoreMesh.Actors.Tests.Sinks;

public sealed class EtcdSinkActorTests : TestKit
{
    private static readonly ClusterName Foo = ClusterName.Parse("foo");
    private static readonly ClusterName Local = ClusterName.Parse("local");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 25, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeLocalEtcd _etcd;
    private readonly EtcdSink _sink;

    public EtcdSinkActorTests()
    {
        _etcd = new FakeLocalEtcd(_time);
        _sink = NewSink();
    }

    [Fact]
    public async Task Mirrors_what_it_is_told_before_and_after_its_start()
    {
        _sink.Applied(Delta(Foo, Config(), Put("n1", "one")));
        _sink.Start(Sys);
        await HoldsAsync("cilium/cache/nodes/v1/foo/n1", "one");
        _sink.Applied(Delta(Foo, Put("n1", "two"), Put("n2", "x")));
        await HoldsAsync("cilium/cache/nodes/v1/foo/n1", "two");
        await HoldsAsync("cilium/cache/nodes/v1/foo/n2", "x");
    }

    [Fact]
    public async Task Never_mirrors_the_local_cluster()
    {
        _sink.Configured(new SourceDefinition(Local, SourceRole.Local, "file", string.Empty));
        _sink.Applied(Delta(Local, Config(), Put("n1", "one")));
        _sink.Start(Sys);
        _sink.Applied(Delta(Foo, Config(), Put("n1", "one")));
        await HoldsAsync("cilium/cache/nodes/v1/foo/n1", "one");
        Assert.DoesNotContain(_etcd.Entries, entry => entry.Key.Contains("/local", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tells_how_it_stands()
    {
        _sink.Start(Sys);
        _sink.Applied(Delta(Foo, Config(), Put("n1", "one")) with { NewlySynced = [.. SinkKeys.Resources] });
        await UntilAsync(() => _sink.Status is { Connected: true, IsBootstrapped: true });
        Assert.Equal(8, _sink.Status.Written);
        Assert.Equal(0, _sink.Status.PendingKeys);
        Assert.Equal([Foo], _sink.Status.Clusters.Select(cluster => cluster.Cluster));
    }

    [Fact]
    public async Task Reconnects_to_an_etcd_that_was_down_and_writes_only_the_newest()
    {
        _etcd.IsDown = true;
        _sink.Start(Sys);
        await UntilAsync(() => _sink.Status.FailuresInARow > 2);
        for (var i = 0; i < 100; i++)
        {
            _sink.Applied(Delta(Foo, Config(), Put("n1", $"v{i}")));
        }

        _etcd.IsDown = false;
        await HoldsAsync("cilium/cache/nodes/v1/foo/n1", "v99");
        Assert.Single(_etcd.Transactions.SelectMany(operations => operations), operation => operation.Key == "cilium/cache/nodes/v1/foo/n1");
    }

    [Fact]
    public async Task A_crash_loses_nothing_that_should_be_there()
    {
        var actor = _sink.Start(Sys);
        _sink.Applied(Delta(Foo, Config(), Put("n1", "one")));
        await HoldsAsync("cilium/cache/nodes/v1/foo/n1", "one");

        // In the middle of calls under way, with more to come.
        _sink.Applied(Delta(Foo, Put("n2", "two")));
        ((IInternalActorRef)actor).Restart(new InvalidOperationException("on purpose"));
        _etcd.Wipe();
        _sink.Applied(Delta(Foo, Put("n3", "three")));
        await HoldsAsync("cilium/cache/nodes/v1/foo/n1", "one");
        await HoldsAsync("cilium/cache/nodes/v1/foo/n2", "two");
        await HoldsAsync("cilium/cache/nodes/v1/foo/n3", "three");
    }

    [Fact]
    public async Task Stopping_closes_the_connection_and_keeps_the_keys()
    {
        var actor = _sink.Start(Sys);
        _sink.Applied(Delta(Foo, Config(), Put("n1", "one")));
        await HoldsAsync("cilium/cache/nodes/v1/foo/n1", "one");
        await actor.GracefulStop(Patience);
        Assert.True(_etcd.Holds("cilium/cache/nodes/v1/foo/n1"));
    }

    [Fact]
    public async Task Services_are_withdrawn_when_a_source_stays_lost_and_come_back_with_it()
    {
        var sink = NewSink(new SinkOptions { CacheTtl = TimeSpan.FromMinutes(2) });
        sink.Start(Sys);
        sink.Applied(Delta(Foo, Config(), Put("n1", "one"), new MeshChange(new MeshKey(ResourceKind.Services, "a/b"), "s"u8.ToArray(), 1, 1)));
        sink.StatusChanged(Status(RemoteClusterPhase.Watching));
        await HoldsAsync("cilium/cache/services/v1/foo/a/b", "s");

        sink.StatusChanged(Status(RemoteClusterPhase.BackingOff));
        await UntilAsync(() => !_etcd.Holds("cilium/cache/services/v1/foo/a/b"));
        Assert.True(_etcd.Holds("cilium/cache/nodes/v1/foo/n1"));

        sink.StatusChanged(Status(RemoteClusterPhase.Watching));
        await HoldsAsync("cilium/cache/services/v1/foo/a/b", "s");
    }

    private static MeshChange Config() => new(MeshKey.ClusterConfig, Encoding.UTF8.GetBytes("""{"id":3}"""), 1, 1);

    private static MeshChange Put(string name, string value) => new(new MeshKey(ResourceKind.Nodes, name), Encoding.UTF8.GetBytes(value), 1, 1);

    private static ClusterDelta Delta(ClusterName cluster, params MeshChange[] changes) =>
        new(cluster, new SourcePosition(new SourceEpoch(1), 1), changes, [], null, 0);

    private static RemoteClusterStatus Status(RemoteClusterPhase phase) => new()
    {
        Definition = new SourceDefinition(Foo, SourceRole.Remote, "file", string.Empty),
        Phase = phase,
        Counts = new Dictionary<ResourceKind, int>(),
        Resources = [],
        Synced = [],
    };

    private EtcdSink NewSink(SinkOptions? options = null) =>
        new(Local, options ?? new SinkOptions(), _etcd, _time, new Random(1), NullLoggerFactory.Instance);

    private Task HoldsAsync(string key, string value) => UntilAsync(() =>
        _etcd.Entries.Any(entry => entry.Key == key && Encoding.UTF8.GetString(entry.Value) == value));

    // The clock moves in small steps while we wait, so that timers fire; threads of the pool answer in between.
    private Task UntilAsync(Func<bool> condition) => AwaitConditionAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            return Task.FromResult(condition());
        },
        Patience,
        TimeSpan.FromMilliseconds(5));
}
