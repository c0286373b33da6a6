using System.Diagnostics.CodeAnalysis;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Core.Resources;

/// <summary>
/// The labels of a security identity: <c>source:key=value;</c> each, sorted by key, as stored under
/// <c>cilium/state/identities/v1/id/&lt;id&gt;</c>.
/// </summary>
public sealed class IdentityLabels
{
    /// <summary>Parses the text, or says in <paramref name="error"/> what is wrong with it.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> text, [NotNullWhen(true)] out IdentityLabels? labels, [NotNullWhen(false)] out string? error) =>
        throw new NotImplementedException();

    /// <summary>The labels in the order of the text.</summary>
    public IReadOnlyList<IdentityLabel> Labels => throw new NotImplementedException();

    /// <summary>
    /// Checks that the number is in the cluster's range and that the cluster label names the cluster. Null if so, else what is wrong.
    /// </summary>
    public string? Validate(ClusterName cluster, uint clusterId, uint maxConnectedClusters, string keyName) =>
        throw new NotImplementedException();

    /// <summary>As Cilium writes it.</summary>
    public override string ToString() => throw new NotImplementedException();
}
