using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// The answer to a Hello: the terms, and every cluster there is to expect. A cluster that is configured but not read
/// yet is named too, so that a returning agent can tell "not yet" from "removed while I was away".
/// </summary>
/// <param name="configured">The clusters the operator configured, as of now.</param>
/// <param name="localCluster">The daemon's own cluster.</param>
/// <param name="serverInstance">New for each start of the daemon.</param>
internal sealed class OfferedClusters(
    Func<IReadOnlyCollection<ClusterName>> configured, ClusterName localCluster, string serverInstance)
{
    /// <summary>The reply to an agreed subscription.</summary>
    public HelloReply Reply(SubscriberSession session)
    {
        var terms = session.Subscription;
        var reply = new HelloReply
        {
            Protocol = terms.Protocol,
            Session = session.Id,
            ServerInstance = serverInstance,
            HeartbeatMs = (uint)terms.Heartbeat.TotalMilliseconds,
            MaxFrameBytes = (uint)terms.FrameBytes,
            ReceiveBudgetBytes = (uint)terms.ReceiveBudgetBytes,
            LocalCluster = localCluster.Value,
        };

        var known = session.Offered;
        reply.Clusters.AddRange(known.Select(view => new ClusterOffer
        {
            Cluster = view.Cluster.Value,
            ClusterIx = view.Index,
            Epoch = view.Position.Epoch.Value,
            Mode = ResumeMode.Snapshot,
        }));
        reply.Clusters.AddRange(configured().Except(known.Select(view => view.Cluster)).Order().Select(
            cluster => new ClusterOffer { Cluster = cluster.Value }));
        return reply;
    }
}
