using KvStoreMesh.Core.Clusters;
using KvStoreMesh.NodeAgent.Timing;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>Takes note of how a session goes: for status, for the log, and for the next wait.</summary>
internal sealed record SessionWitness(SubscriptionState State, Backoff Backoff, ILogger Logger, Uri Server)
{
    public void Diverged(ClusterName cluster)
    {
        State.Diverged();
        SubscriptionLog.Diverged(Logger, cluster);
    }

    public void FrameArrived() => State.FrameArrived();

    public void Applied(SessionEvent sessionEvent, long appliedSeq, TimeSpan elapsed)
    {
        switch (sessionEvent)
        {
            case SessionOpened opened:
                State.Opened(opened);
                SubscriptionLog.Opened(
                    Logger, Server, opened.Session, opened.Clusters.Count, opened.LocalCluster?.Value ?? "not told");
                break;
            case HeartbeatReceived:
                Backoff.Reset();
                break;
        }

        State.Applied(appliedSeq, elapsed);
    }
}
