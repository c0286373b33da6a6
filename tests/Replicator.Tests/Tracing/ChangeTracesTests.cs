using System.Collections.Concurrent;
using System.Diagnostics;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Replicator.Tracing;
using Microsoft.Extensions.Time.Testing;

namespace KvStoreMesh.Replicator.Tests.Tracing;

/// <summary>One change as one trace.</summary>
public sealed class ChangeTracesTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly MeshCache _cache = new(new MeshCacheOptions());
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;
    private readonly ChangeTraces _traces;

    public ChangeTracesTests()
    {
        _traces = new ChangeTraces(_cache, _time);
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ChangeTraces.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
    }

    [Fact]
    public void A_change_is_one_trace_from_its_source_to_the_last_agent()
    {
        ActivitySource.AddActivityListener(_listener);
        Change(1);
        _time.Advance(TimeSpan.FromMilliseconds(3));
        _traces.Applied("behind", _cache.Head - 1);
        _traces.Applied("node1", _cache.Head);
        _time.Advance(TimeSpan.FromMilliseconds(4));
        _traces.Applied("node2", _cache.Head);
        _traces.Applied("node2", _cache.Head);
        _time.Advance(TimeSpan.FromSeconds(10));

        var root = Assert.Single(_ended, activity => activity.OperationName == "change");
        Assert.Equal("b", root.GetTagItem("kvstoremesh.cluster"));
        Assert.Equal(_cache.Head, root.GetTagItem("kvstoremesh.seq"));
        Assert.Equal(2, root.GetTagItem("kvstoremesh.agents"));
        Assert.Equal(TimeSpan.FromMilliseconds(7), root.Duration);
        Assert.Equal(["node1", "node2"], _ended.Where(activity => activity.OperationName == "apply").Select(activity => activity.GetTagItem("kvstoremesh.node")));
        Assert.All(_ended.Where(activity => activity != root), activity => Assert.Equal((root.TraceId, root.SpanId), (activity.TraceId, activity.ParentSpanId)));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void One_change_in_a_second_is_followed_and_none_while_nobody_listens()
    {
        Change(1);
        ActivitySource.AddActivityListener(_listener);
        for (var i = 0; i < 30; i++)
        {
            Change(2 + i);
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        _traces.Dispose();
        Assert.Equal(3, _ended.Count(activity => activity.OperationName == "change"));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _traces.Dispose();
    }

    private void Change(int revision) => _cache.Apply(new ClusterDelta(
        ClusterName.Parse("b"),
        new SourcePosition(new SourceEpoch(1), revision),
        [new MeshChange(new MeshKey(ResourceKind.Nodes, "n"), [1], revision, 1)],
        [],
        revision == 1 ? "first" : null,
        _time.GetTimestamp()));
}
