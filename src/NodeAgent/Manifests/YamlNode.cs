namespace KvStoreMesh.NodeAgent.Manifests;

/// <summary>A value of a manifest, and where it stands. Exactly one of text, items and fields is there; none for null.</summary>
internal sealed class YamlNode
{
    /// <summary>The line it begins in, from 1.</summary>
    public required long Line { get; init; }

    /// <summary>Of a scalar that is not null.</summary>
    public string? Text { get; init; }

    /// <summary>Of a list.</summary>
    public List<YamlNode>? Items { get; init; }

    /// <summary>Of a mapping, in the order of the file.</summary>
    public List<KeyValuePair<string, YamlNode>>? Fields { get; init; }

    /// <summary>No value was given.</summary>
    public bool IsNull => Text is null && Items is null && Fields is null;
}
