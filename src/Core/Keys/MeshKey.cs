namespace KvStoreMesh.Core.Keys;

/// <summary>
/// A mirrored key within its cluster: the resource and what stands after the source's prefix, e.g.
/// (<see cref="ResourceKind.Services"/>, <c>default/echo</c>). The same key whether the source is cached or not.
/// </summary>
/// <param name="Kind">The resource.</param>
/// <param name="Name">The suffix, unchanged; empty for <see cref="ResourceKind.ClusterConfig"/>.</param>
public readonly record struct MeshKey(ResourceKind Kind, string Name)
{
    /// <summary>The key of the cluster's config.</summary>
    public static MeshKey ClusterConfig { get; } = new(ResourceKind.ClusterConfig, string.Empty);

    /// <inheritdoc />
    public override string ToString() => Name.Length == 0 ? $"{Kind}" : $"{Kind}/{Name}";
}
