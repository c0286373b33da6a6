using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>The clusters that a subscriber asked for again: each once, and no more than there can be.</summary>
/// <remarks>Added by the reader of the stream, taken by the shard.</remarks>
internal sealed class AskedClusters
{
    private const int Max = 1024;

    private readonly Lock _gate = new();
    private HashSet<ClusterName> _names = [];
    private volatile bool _any;

    /// <summary>There is something to take.</summary>
    public bool Any => _any;

    /// <summary>Adds one.</summary>
    /// <returns>False if there are too many.</returns>
    public bool Add(ClusterName name)
    {
        lock (_gate)
        {
            _any = true;
            return _names.Count < Max && (_names.Add(name) || true);
        }
    }

    /// <summary>Takes all.</summary>
    public IReadOnlyCollection<ClusterName> Take()
    {
        if (!_any)
        {
            return [];
        }

        lock (_gate)
        {
            var taken = _names;
            (_names, _any) = ([], false);
            return taken;
        }
    }
}
