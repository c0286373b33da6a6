using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>The key of a selector: a label's key, and the source it must come from.</summary>
/// <param name="Source"><c>k8s</c>, <c>reserved</c>, …; <c>any</c> takes every source.</param>
/// <param name="Key">The label's key.</param>
public readonly record struct LabelKey(string Source, string Key)
{
    /// <summary>The source that takes every source.</summary>
    public const string Any = "any";

    /// <summary>The label that names a pod's namespace.</summary>
    public const string Namespace = "io.kubernetes.pod.namespace";

    /// <summary>What the labels of a pod's namespace begin with.</summary>
    public const string NamespaceLabels = "io.cilium.k8s.namespace.labels.";

    /// <summary>Reads <c>key</c> or <c>source:key</c>.</summary>
    public static LabelKey Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon <= 0 ? new(Any, text[(colon + 1)..]) : new(text[..colon], text[(colon + 1)..]);
    }

    /// <summary>The label has this key.</summary>
    public bool Matches(in IdentityLabel label) => label.Key == Key && (Source == Any || label.Source == Source);

    /// <inheritdoc />
    public override string ToString() => $"{Source}:{Key}";
}
