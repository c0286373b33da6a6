using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sinks;

/// <summary>What became of one cluster since the sink looked last: the newest of each key, not how it came about.</summary>
public sealed class SinkChanges
{
    internal SinkChanges(ClusterName cluster) => Cluster = cluster;

    /// <summary>The cluster.</summary>
    public ClusterName Cluster { get; }

    /// <summary>It was removed; whatever else is here came after that.</summary>
    public bool Removed { get; internal set; }

    /// <summary>It is (again) one of the clusters to mirror.</summary>
    public bool Configured { get; internal set; }

    /// <summary>The newest value of each changed key; null = deleted.</summary>
    public Dictionary<MeshKey, byte[]?> Values { get; } = [];

    /// <summary>Resources whose every key is known.</summary>
    public HashSet<ResourceKind> Synced { get; } = [];

    /// <summary>Its source was live at some time, even if it is lost again.</summary>
    public bool WasLive { get; internal set; }

    /// <summary>The newest state of the connection to the source; null = unchanged.</summary>
    public SourceReach? Reach { get; internal set; }
}
