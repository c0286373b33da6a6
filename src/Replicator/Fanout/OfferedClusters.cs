using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// The answer to a Hello: the terms, and every cluster there is to expect. A cluster that is configured but not read
/// yet is named too, so that a returning agent can tell "not yet" from "removed while I was away".
/// </summary>
/// <param name="configured">The clusters the operator configured, as of now.</param>
/// <param name="localCluster">The daemon's own cluster.</param>
/// <param name="instance">This start of the daemon.</param>
internal sealed class OfferedClusters(
    Func<IReadOnlyCollection<ClusterName>> configured, ClusterName localCluster, DaemonInstance instance)
{
    /// <summary>The reply to an agreed subscription.</summary>
    public HelloReply Reply(SubscriberSession session) =>
        Reply(session.Offered, session.Subscription, session.Id, localCluster, instance, configured());

    /// <summary>The reply that offers these clusters.</summary>
    public static HelloReply Reply(
        IReadOnlyList<OfferedCluster> known,
        Subscription terms,
        ulong session,
        ClusterName localCluster,
        DaemonInstance instance,
        IReadOnlyCollection<ClusterName> configured)
    {
        var reply = new HelloReply
        {
            Protocol = terms.Protocol,
            Features = terms.Features.Bits,
            Session = session,
            ServerInstance = instance.Id,
            HeartbeatMs = (uint)terms.Heartbeat.TotalMilliseconds,
            MaxFrameBytes = (uint)terms.FrameBytes,
            ReceiveBudgetBytes = (uint)terms.ReceiveBudgetBytes,
            LocalCluster = localCluster.Value,
        };

        reply.Clusters.AddRange(known.Select(Offer));
        reply.Clusters.AddRange(configured.Except(known.Select(offer => offer.View.Cluster)).Where(terms.Filter.Wants).Order().Select(
            cluster => new ClusterOffer { Cluster = cluster.Value }));
        return reply;
    }

    private static ClusterOffer Offer(OfferedCluster offered)
    {
        var offer = new ClusterOffer
        {
            Cluster = offered.View.Cluster.Value,
            ClusterIx = offered.View.Index,
            Epoch = offered.View.Position.Epoch.Value,
            Mode = offered.Mode,
        };
        if (offered is { Mode: ResumeMode.Ring, Point: { } point })
        {
            (offer.Seq, offer.Revision, offer.SkipRevision) = (point.Seq, point.Revision, point.SkipRevision);
        }
        else if (offered is { Mode: ResumeMode.Diff, Point: { } since })
        {
            // It may end as a diff or, if too much happens meanwhile, as a snapshot: both say themselves what they replace.
            (offer.Seq, offer.SkipRevision) = (since.Seq, since.SkipRevision);
        }

        return offer;
    }
}
