using Akka.Actor;
using KvStoreMesh.Actors.Sinks;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.Caching;

/// <summary>The single writer of <see cref="MeshCache"/>; what it has applied, it tells the sink.</summary>
/// <remarks>
/// Its mailbox is bounded by its clients: each remote cluster has at most one request under way. The order of one
/// cluster's requests is the order in which its one actor sent them, and that actor's last request is the removal; so no
/// late delta can bring a removed cluster back, and no incarnation number is needed. A successor exists only after its
/// predecessor has ended, and local sends are in the mailbox when they return.
/// What the cache throws goes back to the cluster it concerns, so that one cluster's poison does not stop the others.
/// </remarks>
internal sealed class MeshCacheActor : ReceiveActor
{
    private readonly ILogger _logger;

    public MeshCacheActor(MeshCache cache, EtcdSink? sink, ILogger<MeshCacheActor> logger)
    {
        _logger = logger;
        Receive<ApplyDelta>(request =>
            Answer(
                request.Delta.Cluster,
                () =>
                {
                    cache.Apply(request.Delta);
                    sink?.Applied(request.Delta);
                },
                new DeltaApplied(request.Delta)));
        Receive<ForgetCluster>(request =>
            Answer(
                request.Cluster,
                () =>
                {
                    cache.Remove(request.Cluster);
                    sink?.Removed(request.Cluster);
                },
                new ClusterForgotten(request.Cluster)));
    }

    public static Props Props(MeshCache cache, EtcdSink? sink, ILogger<MeshCacheActor> logger) =>
        Akka.Actor.Props.Create(() => new MeshCacheActor(cache, sink, logger));

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
