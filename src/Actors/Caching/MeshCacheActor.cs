using Akka.Actor;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Actors.Sinks;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.Caching;

/// <summary>The single writer of <see cref="MeshCache"/>; what it has applied, it tells the sink and the store.</summary>
/// <remarks>
/// Its mailbox is bounded by its clients: each remote cluster has at most one request under way. The order of one
/// cluster's requests is the order in which its one actor sent them, and that actor's last request is the removal; so no
/// late delta can bring a removed cluster back, and no incarnation number is needed. A successor exists only after its
/// predecessor has ended, and local sends are in the mailbox when they return.
/// What the cache throws goes back to the cluster it concerns, so that one cluster's poison does not stop the others.
/// </remarks>
internal sealed class MeshCacheActor : ReceiveActor
{
    private readonly UnconfirmedResources _unconfirmed = new();
    private readonly MeshCache _cache;
    private readonly EtcdSink? _sink;
    private readonly MeshState? _state;
    private readonly ILogger _logger;

    public MeshCacheActor(MeshCache cache, EtcdSink? sink, MeshState? state, ILogger<MeshCacheActor> logger)
    {
        (_cache, _sink, _state, _logger) = (cache, sink, state, logger);
        Receive<ApplyDelta>(request => Answer(request.Delta.Cluster, () => Apply(request), new DeltaApplied(request.Delta)));
        Receive<ForgetCluster>(request => Answer(request.Cluster, () => Forget(request.Cluster), new ClusterForgotten(request.Cluster)));
        Receive<RefillState>(request => state?.Refill(request.Cluster, cache.Entries(request.Cluster)));
    }

    public static Props Props(MeshCache cache, EtcdSink? sink, MeshState? state, ILogger<MeshCacheActor> logger) =>
        Akka.Actor.Props.Create(() => new MeshCacheActor(cache, sink, state, logger));

    private void Apply(ApplyDelta request)
    {
        var delta = request.Delta;
        _cache.Apply(delta);
        if (request.Origin == DeltaOrigin.Stored)
        {
            _unconfirmed.Hold(delta.Cluster);
            return;
        }

        _sink?.Applied(_unconfirmed.Confirm(delta, () => _cache.Entries(delta.Cluster)));
        _state?.Applied(delta, request.Checkpoint, startsAnew: request.Origin == DeltaOrigin.SourceAnew);
    }

    private void Forget(ClusterName cluster)
    {
        _cache.Remove(cluster);
        _unconfirmed.Forget(cluster);
        _sink?.Removed(cluster);
        _state?.Removed(cluster);
    }

    private void Answer(ClusterName cluster, Action act, object done)
    {
        object answer = done;
        try
        {
            act();
        }
        catch (Exception error)
        {
            _logger.CacheRefused(error, cluster);
            answer = new CacheFailed(cluster, error);
        }

        Sender.Tell(answer);
    }
}
