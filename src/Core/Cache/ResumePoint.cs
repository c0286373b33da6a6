namespace KvStoreMesh.Core.Cache;

/// <summary>Where a subscriber stands in the log of this cache.</summary>
/// <param name="Seq">It holds everything of the cluster up to it, maybe more.</param>
/// <param name="Revision">What it holds is the source at this revision of the cluster's epoch; 0 = its own word counts.</param>
/// <param name="SkipRevision">It holds every record up to this revision of the epoch, wherever it stands in the log; 0 = none.</param>
public readonly record struct ResumePoint(long Seq, long Revision, long SkipRevision);
