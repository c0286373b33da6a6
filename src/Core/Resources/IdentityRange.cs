using System.Diagnostics.CodeAnalysis;

namespace KvStoreMesh.Core.Resources;

/// <summary>
/// The security identities a cluster may give out. An identity has 24 bits, whose upper ones are the cluster id: 8 if
/// the mesh has at most 255 clusters, 9 if it has at most 511 (Cilium: pkg/identity/numericidentity.go).
/// </summary>
/// <param name="First">The first identity of the cluster.</param>
/// <param name="Last">The last one, inclusive.</param>
public readonly record struct IdentityRange(uint First, uint Last)
{
    private const int IdentityBits = 24;
    private const uint DefaultMaxClusters = 255;
    private const uint ExtendedMaxClusters = 511;

    /// <summary>
    /// The range of a cluster, or says in <paramref name="error"/> why there is none.
    /// </summary>
    /// <param name="clusterId">The cluster's id; 0 is a cluster outside any mesh.</param>
    /// <param name="maxConnectedClusters">255 or 511; 0 stands for the default of 255.</param>
    /// <param name="range">Without the reserved identities, which belong to no cluster.</param>
    /// <param name="error">What is wrong.</param>
    public static bool TryCreate(
        uint clusterId, uint maxConnectedClusters, out IdentityRange range, [NotNullWhen(false)] out string? error)
    {
        range = default;
        var max = maxConnectedClusters == 0 ? DefaultMaxClusters : maxConnectedClusters;
        error = max is not (DefaultMaxClusters or ExtendedMaxClusters)
            ? $"a mesh of at most {max} clusters does not exist, only of {DefaultMaxClusters} or {ExtendedMaxClusters}"
            : clusterId > max ? $"ClusterID > {max} is not supported" : null;
        if (error is not null)
        {
            return false;
        }

        var shift = max == DefaultMaxClusters ? IdentityBits - 8 : IdentityBits - 9;
        var first = clusterId << shift;
        range = new(Math.Max(first, NumericIdentity.FirstUnreserved), first + (1u << shift) - 1);
        return true;
    }

    /// <summary>The identity is one of the cluster's.</summary>
    public bool Contains(uint identity) => identity >= First && identity <= Last;
}
