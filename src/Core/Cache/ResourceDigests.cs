using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Cache;

/// <summary>The digest of each resource of a cluster. Immutable.</summary>
public sealed class ResourceDigests
{
    private readonly ContentDigest[] _digests = new ContentDigest[(int)ResourceKind.ServiceExports + 1];

    internal ResourceDigests(IEnumerable<(ResourceKind Kind, ContentDigest Digest)> digests)
    {
        foreach (var (kind, digest) in digests)
        {
            _digests[(int)kind] = digest;
        }
    }

    /// <summary>Of a cluster that holds nothing.</summary>
    public static ResourceDigests Empty { get; } = new([]);

    /// <summary>The digest of all that a subscriber with this filter holds.</summary>
    public ContentDigest Of(ResourceSet resources)
    {
        var sum = default(ContentDigest);
        for (var kind = 0; kind < _digests.Length; kind++)
        {
            if (resources.Contains((ResourceKind)kind))
            {
                sum += _digests[kind];
            }
        }

        return sum;
    }
}
