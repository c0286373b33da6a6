using System.Diagnostics.CodeAnalysis;
using System.Text;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Core.Resources;

/// <summary>
/// The labels of a security identity: <c>source:key=value;</c> each, sorted by key, as stored under
/// <c>cilium/state/identities/v1/id/&lt;id&gt;</c>.
/// </summary>
public sealed class IdentityLabels
{
    /// <summary>The key of the label that names the cluster of an identity.</summary>
    public const string ClusterKey = "io.cilium.k8s.policy.cluster";

    private static readonly Comparer<string> Utf8Order =
        Comparer<string>.Create((x, y) => Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y)));

    internal IdentityLabels(IReadOnlyList<IdentityLabel> labels) => Labels = labels;

    /// <summary>The labels in the order of the text; a key may occur again.</summary>
    public IReadOnlyList<IdentityLabel> Labels { get; }

    /// <summary>
    /// Parses the text, or says in <paramref name="error"/> what is wrong with it. Only an empty or too long text is
    /// wrong: the format has no escapes and no syntax to break.
    /// </summary>
    public static bool TryParse(
        ReadOnlySpan<byte> text, [NotNullWhen(true)] out IdentityLabels? labels, [NotNullWhen(false)] out string? error)
    {
        labels = null;
        error = text.Length switch
        {
            0 => "the value is empty",
            > ResourceJson.MaxBytes => $"the value has {text.Length} bytes, at most {ResourceJson.MaxBytes} are accepted",
            _ => null,
        };
        if (error is not null)
        {
            return false;
        }

        labels = new([.. Encoding.UTF8.GetString(text).Split(';').Select(IdentityLabel.Parse).Where(label => label.Key.Length > 0)]);
        return true;
    }

    /// <summary>
    /// Checks that the number is in the cluster's range and that the cluster label names the cluster. Null if so, else what is wrong.
    /// </summary>
    /// <param name="cluster">The cluster that exports it.</param>
    /// <param name="clusterId">The id in that cluster's config.</param>
    /// <param name="maxConnectedClusters">255 or 511, as in that config; 0 = 255.</param>
    /// <param name="keyName">The key without the resource's prefix: the number.</param>
    public string? Validate(ClusterName cluster, uint clusterId, uint maxConnectedClusters, string keyName)
    {
        if (!NumericIdentity.TryParse(keyName, out var identity))
        {
            return $"'{Excerpt.Of(keyName)}' is not the number of an identity";
        }

        if (!IdentityRange.TryCreate(clusterId, maxConnectedClusters, out var range, out var error))
        {
            return error;
        }

        return range.Contains(identity)
            ? ValidateCluster(cluster)
            : $"identity {identity} is not one of cluster ID {clusterId}, which are {range.First} to {range.Last}";
    }

    /// <summary>As Cilium writes it, which is sorted by the bytes of the keys.</summary>
    public override string ToString() =>
        string.Concat(Labels.OrderBy(label => label.Key, Utf8Order).Select(label => $"{label};"));

    private string? ValidateCluster(ClusterName cluster)
    {
        var found = false;
        foreach (var label in Labels.Where(label => label.Key == ClusterKey))
        {
            if (label.Source != IdentityLabel.Kubernetes)
            {
                return $"unexpected source for cluster label: got {Excerpt.Of(label.Source)}, expected {IdentityLabel.Kubernetes}";
            }

            if (label.Value != cluster.Value)
            {
                return $"unexpected cluster name: got {Excerpt.Of(label.Value)}, expected {cluster}";
            }

            found = true;
        }

        return found ? null : $"could not find expected label {ClusterKey}";
    }
}
