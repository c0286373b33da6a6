namespace KvStoreMesh.Core.Keys;

/// <summary>Some of the resources. The cluster config belongs to every set: without it nobody knows what the rest means.</summary>
/// <param name="Bits">Bit n stands for the resource with the number n; 0, the default, stands for all of them.</param>
public readonly record struct ResourceSet(uint Bits)
{
    /// <summary>Every resource, those of a later version included.</summary>
    public static ResourceSet All => default;

    /// <summary>No resource is left out.</summary>
    public bool IsAll => Bits == 0;

    /// <summary>The set of these; of none: all.</summary>
    public static ResourceSet Of(IEnumerable<ResourceKind> kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        return new(kinds.Aggregate(0u, (bits, kind) => bits | (1u << (int)kind)));
    }

    /// <summary>The resource belongs to the set.</summary>
    public bool Contains(ResourceKind kind) => IsAll || kind == ResourceKind.ClusterConfig || (Bits & (1u << (int)kind)) != 0;
}
