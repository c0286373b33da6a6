using System.Collections.Frozen;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>What a subscriber wants to see. Two with the same wishes are equal, and share their frames.</summary>
/// <remarks>
/// Snapshots are filtered by leaving whole chunks out, so their bytes are shared with everybody. Ranges of the log are copied
/// once for all subscribers with the same filter at the same place; passing over what is not wanted costs a few nanoseconds a record.
/// </remarks>
internal sealed class SubscriberFilter : IEquatable<SubscriberFilter>
{
    private readonly FrozenSet<ClusterName>? _clusters;
    private readonly string _key;

    /// <summary>Creates a filter.</summary>
    /// <param name="clusters">The wanted clusters; none = all.</param>
    /// <param name="resources">The wanted resources.</param>
    public SubscriberFilter(IReadOnlyCollection<ClusterName> clusters, ResourceSet resources)
    {
        _clusters = clusters.Count == 0 ? null : clusters.ToFrozenSet();
        _key = string.Join(' ', clusters.Order());
        Resources = resources;
    }

    /// <summary>No filter.</summary>
    public static SubscriberFilter Everything { get; } = new([], ResourceSet.All);

    /// <summary>The wanted resources.</summary>
    public ResourceSet Resources { get; }

    /// <summary>Nothing is left out.</summary>
    public bool IsEverything => _clusters is null && Resources.IsAll;

    /// <summary>The cluster is wanted.</summary>
    public bool Wants(ClusterName cluster) => _clusters is null || _clusters.Contains(cluster);

    /// <summary>The entry of the log is wanted. A mark without a cluster is, since only its name can tell.</summary>
    public bool Wants(in RingSubject subject, MeshCache cache) =>
        (subject.Kind is not { } kind || Resources.Contains(kind))
        && (_clusters is null || subject.Cluster == 0 || (cache.NameOf(subject.Cluster) is { } name && _clusters.Contains(name)));

    /// <inheritdoc />
    public bool Equals(SubscriberFilter? other) => other is not null && other._key == _key && other.Resources == Resources;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as SubscriberFilter);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(_key, Resources);
}
