using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>Up to where a subscriber holds each cluster. Remembers only clusters that are ahead of the rest.</summary>
/// <remarks>Owned by one shard's loop.</remarks>
internal sealed class HeldPlaces
{
    private Dictionary<uint, long>? _seqs;
    private Dictionary<uint, (SourceEpoch Epoch, long Revision)>? _ahead;

    /// <summary>Everything up to it is held, of every cluster that was there.</summary>
    public long Reached { get; private set; }

    /// <summary>The seq up to which the subscriber holds a cluster; null if it knows nothing of it.</summary>
    public long? UpTo(MeshClusterView view)
    {
        var seq = Math.Max(Reached, _seqs?.GetValueOrDefault(view.Index) ?? 0);
        if (seq < view.FirstSeq)
        {
            return null;
        }

        // Another daemon was ahead of this one: all that is known here is held already, and a snapshot would lead back.
        return _ahead is not null && _ahead.TryGetValue(view.Index, out var ahead)
            && ahead.Epoch == view.Position.Epoch && view.Position.Revision <= ahead.Revision
                ? Math.Max(seq, view.Seq)
                : seq;
    }

    /// <summary>The subscriber comes back and stands here.</summary>
    public void Resumed(MeshClusterView view, ResumePoint point)
    {
        (_seqs ??= [])[view.Index] = point.Seq;
        if (point.SkipRevision > 0)
        {
            (_ahead ??= [])[view.Index] = (view.Position.Epoch, point.SkipRevision);
        }
    }

    /// <summary>A snapshot or a diff is on its way.</summary>
    public void Sent(MeshClusterView view)
    {
        (_seqs ??= [])[view.Index] = view.Seq;
        _ahead?.Remove(view.Index);
    }

    /// <summary>Whole groups up to a seq are sent.</summary>
    public void Reach(long seq) => Reached = Math.Max(Reached, seq);

    /// <summary>Nothing is ahead any more.</summary>
    public void AllUpTo(long seq)
    {
        Reach(seq);
        _seqs = null;
    }
}
