using Akka.Actor;
using KvStoreMesh.Actors.Caching;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <content>
/// Removed by the operator: connection first, then the cache, then this actor. No command comes any more; the parent
/// keeps a new definition until this actor has ended.
/// </content>
internal sealed partial class RemoteClusterActor
{
    private void Drain()
    {
        (_phase, _nextAttempt) = (RemoteClusterPhase.Draining, null);
        _ports.State?.Draining(_definition.Cluster);
        Become(Draining);
        EndSession();
        Publish();
    }

    private void Draining()
    {
        DropLateResults();
        OnSessionClosed(() => _ports.Cache.Tell(new ForgetCluster(_definition.Cluster)));
        // A delta that was under way is before the removal in the cache's mailbox.
        Receive<DeltaApplied>(answer => _sync.Acknowledge(answer.Delta));
        Receive<CacheFailed>(answer => throw new RemoteClusterException(_definition.Cluster, answer.Error));
        Receive<ClusterForgotten>(_ =>
        {
            _ports.Logger.Disconnected(_definition.Cluster);
            Context.Parent.Tell(new RemoteClusterDrained(_definition.Cluster));
            Context.Stop(Self);
        });
        Receive<PublishStatus>(_ => Publish());
    }
}
