using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <summary>Whether what a source shows still belongs to the history that is known, and why not.</summary>
internal sealed class SourceHistory
{
    private ulong _etcdClusterId;
    private long _revision;
    private bool _cached;
    private SourceLayout? _layout;

    /// <summary>
    /// Why the next list starts a new epoch; null if it does not. Sticks until <see cref="TakeBreak"/>: a history that
    /// broke once stays broken, even if no list was completed and the revision has risen again meanwhile.
    /// </summary>
    public string? Break { get; private set; } = "first list";

    /// <summary>The etcd cluster that was met last; 0 before the first.</summary>
    public ulong EtcdClusterId => _etcdClusterId;

    /// <summary>How far the source has got.</summary>
    public long Revision => _revision;

    /// <summary>Goes on with a history that was kept.</summary>
    public void Restore(ulong etcdClusterId, long revision, bool cached, SourceLayout layout) =>
        (Break, _etcdClusterId, _revision, _cached, _layout) = (null, etcdClusterId, revision, cached, layout);

    /// <summary>Compares with what was seen last.</summary>
    public void Meet(ulong etcdClusterId, long revision, bool cached, SourceLayout layout)
    {
        if (_layout is { } last)
        {
            Break = Compare(last) ?? Break;
        }

        (_etcdClusterId, _revision, _cached, _layout) = (etcdClusterId, revision, cached, layout);

        string? Compare(SourceLayout last)
        {
            if (etcdClusterId != _etcdClusterId)
            {
                return $"the etcd cluster ID changed from {_etcdClusterId:x} to {etcdClusterId:x}";
            }

            if (revision < _revision)
            {
                return $"the revision fell from {_revision} to {revision}";
            }

            if (cached != _cached)
            {
                return $"the source is {(cached ? "now a mirror" : "not a mirror any more")}";
            }

            // Keys of a resource that goes are deleted at a revision at which one may just have been put; keys of one that
            // comes may be older than the revision at which they went. Neither fits into one order of revisions.
            return layout.Resources.SequenceEqual(last.Resources)
                ? null
                : $"the source now offers {string.Join(", ", layout.Resources)}";
        }
    }

    /// <summary>The source has got as far as this revision.</summary>
    public void Reach(long revision) => _revision = Math.Max(_revision, revision);

    /// <summary>A list has shown something that the known history cannot hold.</summary>
    public void Contradict(string reason) => Break ??= reason;

    /// <summary>The new epoch has begun: returns why, or null if there is none.</summary>
    public string? TakeBreak()
    {
        var reason = Break;
        Break = null;
        return reason;
    }
}
