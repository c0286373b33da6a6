using System.Diagnostics.CodeAnalysis;

namespace KvStoreMesh.Core.Clusters;

/// <summary>
/// The value of <c>cilium/cluster-config/&lt;c&gt;</c>: who a cluster is and what its etcd holds. Parsed leniently, as
/// Go's decoder does, and never validated by the daemon: agents decide about ids.
/// </summary>
/// <param name="Id">The cluster id; 0 if absent.</param>
/// <param name="Capabilities">What the source offers.</param>
public sealed record CiliumClusterConfig(uint Id, ClusterCapabilities Capabilities)
{
    /// <summary>Parses the JSON, or says in <paramref name="error"/> what is wrong with it.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> json, [NotNullWhen(true)] out CiliumClusterConfig? config, [NotNullWhen(false)] out string? error) =>
        throw new NotImplementedException();
}
