namespace KvStoreMesh.Core.Sources;

/// <summary>A range of keys, end exclusive, compared bytewise. etcd's permissions are exact: so are these.</summary>
/// <param name="Start">First key.</param>
/// <param name="End">The key after the last; empty = only <paramref name="Start"/>.</param>
public readonly record struct SourceRange(string Start, string End)
{
    /// <summary>Exactly one key.</summary>
    public static SourceRange Exactly(string key) => new(key, string.Empty);

    /// <summary>Every key that starts with the ASCII text <paramref name="prefix"/>.</summary>
    public static SourceRange Prefix(string prefix)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        return new(prefix, string.Concat(prefix.AsSpan(0, prefix.Length - 1), [(char)(prefix[^1] + 1)]));
    }
}
