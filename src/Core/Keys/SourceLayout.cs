using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Keys;

/// <summary>
/// Where one source keeps what is mirrored: which resources it offers, their ranges, and the mapping of its keys.
/// Differs between a source that exports its own state and one that is itself a mirror (<c>cached</c>).
/// </summary>
public sealed class SourceLayout
{
    /// <summary>Derives the layout from the cluster's config.</summary>
    public SourceLayout(ClusterName cluster, ClusterCapabilities capabilities) => throw new NotImplementedException();

    /// <summary>The resources the source offers, in the order of <see cref="ResourceKind"/>, without the config.</summary>
    public IReadOnlyList<ResourceKind> Resources => throw new NotImplementedException();

    /// <summary>What one watch stream has to cover.</summary>
    public IReadOnlyList<SourceRange> WatchRanges => throw new NotImplementedException();

    /// <summary>The range that holds a resource, and nothing else.</summary>
    public SourceRange RangeOf(ResourceKind kind) => throw new NotImplementedException();

    /// <summary>Maps a key of the source; false if it is not mirrored.</summary>
    public bool TryMap(string key, out MeshKey meshKey) => throw new NotImplementedException();

    /// <summary>Maps a canary to the resource it announces.</summary>
    public bool TryMapCanary(string key, out ResourceKind kind) => throw new NotImplementedException();
}
