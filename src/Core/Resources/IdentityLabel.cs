namespace KvStoreMesh.Core.Resources;

/// <summary>One label of an identity.</summary>
/// <param name="Source">E.g. <c>k8s</c> or <c>reserved</c>.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value; may be empty.</param>
public readonly record struct IdentityLabel(string Source, string Key, string Value)
{
    /// <summary>The source of a label that names none.</summary>
    public const string Unspecified = "unspec";

    /// <summary>The source of the labels of reserved identities.</summary>
    public const string Reserved = "reserved";

    /// <summary>The source of labels that come from Kubernetes.</summary>
    public const string Kubernetes = "k8s";

    private const string ReservedKeyPrefix = "reserved.";

    /// <summary>
    /// Parses <c>source:key=value</c>. Every text is a label: the source ends at the first colon, wherever that stands,
    /// and <c>$host</c> and <c>reserved.host</c> are short for <c>reserved:host</c> (Cilium: pkg/labels/labels.go).
    /// </summary>
    public static IdentityLabel Parse(string text)
    {
        var (source, rest) = SplitSource(text);
        var equals = rest.IndexOf('=');
        return equals switch
        {
            < 0 => new(source, rest, string.Empty),
            0 when source == Reserved => new(source, rest[1..], string.Empty),
            _ => new(source, rest[..equals], rest[(equals + 1)..]),
        };
    }

    /// <summary>As Cilium writes it, without the semicolon that separates labels.</summary>
    public override string ToString() => $"{Source}:{Key}={Value}";

    private static (string Source, string Remainder) SplitSource(string text)
    {
        if (text.StartsWith('$'))
        {
            return (Reserved, text[1..]);
        }

        var colon = text.IndexOf(':');
        if (colon < 0 && text.StartsWith(ReservedKeyPrefix, StringComparison.Ordinal))
        {
            return (Reserved, text[ReservedKeyPrefix.Length..]);
        }

        return (colon <= 0 ? Unspecified : text[..colon], text[(colon + 1)..]);
    }
}
