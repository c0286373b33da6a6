using KvStoreMesh.Core.Cache;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>By what a subscriber is brought up to date: the cheapest that is certain.</summary>
/// <param name="Admission">Whose turn it is.</param>
/// <param name="ConflateBeyond">Records and marks a subscriber may be behind before it gets the latest state of what changed instead.</param>
internal sealed record CatchUpRules(SnapshotAdmission Admission, long ConflateBeyond)
{
    /// <summary>Where the ring would have to start for all clusters of which it can tell the rest.</summary>
    public static long RingStart(IEnumerable<MeshClusterView> views, HeldPlaces held, long head)
    {
        var start = head;
        foreach (var view in views)
        {
            if (held.UpTo(view) is { } since && since < view.Seq && IsWithinEpoch(view, since))
            {
                start = Math.Min(start, since);
            }
        }

        return start;
    }

    /// <summary>
    /// The ring can tell it. Not across the end of a cluster: a subscriber that just came knows nothing of the indexes of those
    /// that are gone.
    /// </summary>
    public bool IsRingEnough(MeshCache cache, long start, long head) =>
        start >= cache.Horizon && start >= cache.LastRemoval && head - start <= ConflateBeyond;

    /// <summary>How a cluster comes to a subscriber that holds it up to a seq.</summary>
    /// <param name="view">The cluster.</param>
    /// <param name="since">The seq; null if it holds nothing.</param>
    /// <param name="ringFrom">Where the ring goes on.</param>
    public static ResumeMode ModeOf(MeshClusterView view, long? since, long ringFrom) => since switch
    {
        null => ResumeMode.Snapshot,
        { } seq when !IsWithinEpoch(view, seq) => ResumeMode.Diff,
        { } seq when seq >= view.Seq || seq >= ringFrom => ResumeMode.Ring,
        _ => ResumeMode.Diff,
    };

    // What is synced now was synced then: it can be told before the ring is read.
    private static bool IsWithinEpoch(MeshClusterView view, long since) => since >= view.EpochSeq && since >= view.SyncedSeq;
}
