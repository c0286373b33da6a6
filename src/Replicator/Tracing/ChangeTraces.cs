using System.Diagnostics;
using KvStoreMesh.Core.Cache;

namespace KvStoreMesh.Replicator.Tracing;

/// <summary>
/// Follows one change in a while from its source to the kernels: one trace, from the moment the daemon read the watch's answer to the acks
/// of the agents that have it applied. All times are of this process's clock, as those of the lag.
/// </summary>
/// <remarks>
/// Nothing is added to the stream: an ack names a seq, and that is all that is needed to know when an agent had a change. Costs nothing
/// while nobody listens. <see cref="Published"/> is called by the cache's writer, <see cref="Applied"/> by any session's reader.
/// </remarks>
internal sealed class ChangeTraces : IDisposable
{
    /// <summary>The name of the source of activities.</summary>
    public const string SourceName = "KvStoreMesh.Changes";

    /// <summary>At most one change in so long is followed.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // An agent that has not acknowledged by then is not part of the trace.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    // A trace of thousands of agents would help nobody.
    private const int MaxAgents = 32;

    private readonly Lock _gate = new();
    private readonly ActivitySource _source = new(SourceName);
    private readonly MeshCache _cache;
    private readonly TimeProvider _time;
    private readonly ITimer _limit;
    private Followed? _followed;
    private long? _beganAt;

    /// <summary>Listens to a cache.</summary>
    public ChangeTraces(MeshCache cache, TimeProvider time)
    {
        (_cache, _time) = (cache, time);
        _limit = time.CreateTimer(_ => EndNow(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        cache.Published += Published;
    }

    /// <summary>A subscriber has everything up to a seq in its datapath.</summary>
    /// <param name="node">The subscriber.</param>
    /// <param name="seq">The seq that it acknowledged.</param>
    public void Applied(string node, long seq)
    {
        if (Volatile.Read(ref _followed) is not { } followed || seq < followed.Seq)
        {
            return;
        }

        lock (_gate)
        {
            if (followed.Agents.Count >= MaxAgents || followed.IsOver || !followed.Agents.Add(node))
            {
                return;
            }

            followed.LastApplied = _time.GetUtcNow();
            using var apply = _source.StartActivity("apply", ActivityKind.Producer, followed.Context, startTime: followed.PublishedAt);
            apply?.SetTag("kvstoremesh.node", node);
            apply?.SetEndTime(followed.LastApplied.Value.UtcDateTime);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _cache.Published -= Published;
        _limit.Dispose();
        EndNow();
        _source.Dispose();
    }

    private void Published()
    {
        if (!_source.HasListeners())
        {
            return;
        }

        lock (_gate)
        {
            if (_beganAt is { } began && _time.GetElapsedTime(began) < Interval)
            {
                return;
            }

            End();
            Begin();
        }
    }

    private void Begin()
    {
        var seq = _cache.Head;
        if (!_cache.TryGetReadTimestamp(seq, out var readAt))
        {
            return;
        }

        _beganAt = _time.GetTimestamp();
        var now = _time.GetUtcNow();
        var read = now - _time.GetElapsedTime(readAt);
        var cluster = _cache.Clusters.FirstOrDefault(view => view.Seq == seq);
        var root = _source.StartActivity("change", ActivityKind.Consumer, default(ActivityContext), startTime: read);
        if (root is null)
        {
            return;
        }

        root.SetTag("kvstoremesh.cluster", cluster?.Cluster.Value).SetTag("kvstoremesh.revision", cluster?.Position.Revision).SetTag("kvstoremesh.seq", seq);
        using (var publish = _source.StartActivity("publish", ActivityKind.Internal, root.Context, startTime: read))
        {
            publish?.SetEndTime(now.UtcDateTime);
        }

        // The writer's thread goes on with other changes, which are not part of this one.
        Activity.Current = null;
        Volatile.Write(ref _followed, new Followed(root, seq, now));
        _limit.Change(Limit, Timeout.InfiniteTimeSpan);
    }

    private void EndNow()
    {
        lock (_gate)
        {
            End();
        }
    }

    private void End()
    {
        if (_followed is not { } followed)
        {
            return;
        }

        Volatile.Write(ref _followed, null);
        followed.IsOver = true;
        followed.Root.SetTag("kvstoremesh.agents", followed.Agents.Count);
        followed.Root.SetEndTime((followed.LastApplied ?? followed.PublishedAt).UtcDateTime);
        followed.Root.Dispose();
    }

    private sealed class Followed(Activity root, long seq, DateTimeOffset publishedAt)
    {
        public Activity Root => root;

        public ActivityContext Context => root.Context;

        public long Seq => seq;

        public DateTimeOffset PublishedAt => publishedAt;

        public DateTimeOffset? LastApplied { get; set; }

        public HashSet<string> Agents { get; } = [];

        public bool IsOver { get; set; }
    }
}
