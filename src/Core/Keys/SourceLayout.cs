using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Keys;

/// <summary>
/// Where one source keeps what is mirrored: which resources it offers, their ranges, and the mapping of its keys.
/// Differs between a source that exports its own state and one that is itself a mirror (<c>cached</c>).
/// </summary>
/// <remarks>
/// A cluster that exports itself has its name in most prefixes, but not in those of identities and IPs; a mirror has
/// it in all of them. Of identities only <c>id/</c> is mirrored: <c>value/</c> and <c>locks/</c> belong to the
/// allocator of the cluster itself. Every prefix ends with a slash, so that <c>foo</c> never sees <c>foobar</c>.
/// (Cilium: pkg/clustermesh/kvstoremesh/reflector/cell.go)
/// </remarks>
public sealed class SourceLayout
{
    private readonly Resource[] _resources;
    private readonly string _canaries;

    /// <summary>Derives the layout from the cluster's config.</summary>
    public SourceLayout(ClusterName cluster, ClusterCapabilities capabilities)
    {
        _canaries = CiliumKeys.Canaries(cluster);
        _resources = [.. Offered(capabilities).Select(kind => new Resource(
            kind,
            Prefix(kind, cluster, capabilities.Cached),
            capabilities.Cached ? ResourcePrefixes.Cache(kind) : ResourcePrefixes.State(kind)))];
        Resources = [.. _resources.Select(resource => resource.Kind)];

        // One watch of the whole state keeps etcd's order over all resources. The cache holds other clusters as well.
        DataRanges = capabilities.Cached
            ? [.. _resources.Select(resource => (SourceRange.Prefix(resource.Prefix), (IReadOnlyList<ResourceKind>)[resource.Kind]))]
            : [(SourceRange.Prefix(CiliumKeys.State), Resources)];
        WatchRanges =
        [
            .. DataRanges.Select(data => data.Range),
            SourceRange.Exactly(CiliumKeys.ClusterConfig(cluster)),
            SourceRange.Prefix(_canaries),
            SourceRange.Exactly(CiliumKeys.Heartbeat),
        ];
    }

    /// <summary>The resources the source offers, in the order of <see cref="ResourceKind"/>, without the config.</summary>
    public IReadOnlyList<ResourceKind> Resources { get; }

    /// <summary>The part of <see cref="WatchRanges"/> that holds resources, and which: etcd orders the events of one range only.</summary>
    public IReadOnlyList<(SourceRange Range, IReadOnlyList<ResourceKind> Kinds)> DataRanges { get; }

    /// <summary>What one watch stream has to cover; begins with the ranges of data.</summary>
    public IReadOnlyList<SourceRange> WatchRanges { get; }

    /// <summary>The range that holds a resource, and nothing else.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The source does not offer it.</exception>
    public SourceRange RangeOf(ResourceKind kind)
    {
        foreach (var resource in _resources)
        {
            if (resource.Kind == kind)
            {
                return SourceRange.Prefix(resource.Prefix);
            }
        }

        throw new ArgumentOutOfRangeException(nameof(kind), kind, "the source does not offer it");
    }

    /// <summary>Maps a key of the source; false if it is not mirrored, as the config, which belongs to no resource.</summary>
    public bool TryMap(string key, out MeshKey meshKey)
    {
        foreach (var resource in _resources)
        {
            if (key.Length > resource.Prefix.Length && key.StartsWith(resource.Prefix, StringComparison.Ordinal))
            {
                meshKey = new(resource.Kind, key[resource.Prefix.Length..]);
                return true;
            }
        }

        meshKey = default;
        return false;
    }

    /// <summary>Maps a canary to the resource it announces; false for one of a resource that is not offered or not known.</summary>
    public bool TryMapCanary(string key, out ResourceKind kind)
    {
        if (key.StartsWith(_canaries, StringComparison.Ordinal))
        {
            foreach (var resource in _resources)
            {
                if (key.AsSpan(_canaries.Length).SequenceEqual(resource.Canary))
                {
                    kind = resource.Kind;
                    return true;
                }
            }
        }

        kind = default;
        return false;
    }

    private static IEnumerable<ResourceKind> Offered(ClusterCapabilities capabilities)
    {
        yield return ResourceKind.Identities;
        yield return ResourceKind.Nodes;
        yield return ResourceKind.Endpoints;
        if (capabilities.EndpointSlicesExportMode != EndpointSlicesExportMode.EndpointSlicesOnly)
        {
            yield return ResourceKind.Services;
        }

        if (capabilities.EndpointSlicesExportMode != EndpointSlicesExportMode.ServicesOnly)
        {
            yield return ResourceKind.EndpointSlices;
        }

        // False means "known, and switched off": the source still writes the canary.
        if (capabilities.ServiceExportsEnabled is not null)
        {
            yield return ResourceKind.ServiceExports;
        }
    }

    private static string Prefix(ResourceKind kind, ClusterName cluster, bool cached) => (kind, cached) switch
    {
        (ResourceKind.Identities, true) => $"{ResourcePrefixes.Cache(kind)}/{cluster}/id/",
        (_, true) => $"{ResourcePrefixes.Cache(kind)}/{cluster}/",
        (ResourceKind.Identities, false) => $"{ResourcePrefixes.State(kind)}/id/",
        (ResourceKind.Endpoints, false) => $"{ResourcePrefixes.State(kind)}/default/",
        (_, false) => $"{ResourcePrefixes.State(kind)}/{cluster}/",
    };

    private sealed record Resource(ResourceKind Kind, string Prefix, string Canary);
}
