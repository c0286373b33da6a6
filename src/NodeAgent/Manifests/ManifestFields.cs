using System.Globalization;

namespace KvStoreMesh.NodeAgent.Manifests;

/// <summary>
/// The fields of one mapping, each taken once. What nobody has taken is refused by <see cref="RefuseRest"/>: to pass over a field
/// that narrows a rule would widen it.
/// </summary>
internal sealed class ManifestFields
{
    private readonly Dictionary<string, YamlNode> _fields = [];

    private ManifestFields(string path, YamlNode node)
    {
        (Path, Line) = (path, node.Line);
        foreach (var (key, value) in node.Fields!)
        {
            _fields.Add(key, value);
        }
    }

    /// <summary>Where it stands in the document; empty for the document itself.</summary>
    public string Path { get; }

    /// <summary>The line, from 1.</summary>
    public long Line { get; }

    /// <summary>Reads a mapping.</summary>
    /// <exception cref="ManifestException">It is none.</exception>
    public static ManifestFields Of(string path, YamlNode node) => node.Fields is not null
        ? new(path, node)
        : throw new ManifestException(node.Line, path, "must be a mapping of 'key: value' lines");

    /// <summary>The path of a field here.</summary>
    public string PathOf(string field) => Path.Length == 0 ? field : $"{Path}.{field}";

    /// <summary>Takes a field; null if it is absent or null.</summary>
    public YamlNode? Take(string field) => _fields.Remove(field, out var node) && !node.IsNull ? node : null;

    /// <summary>Takes a mapping; null if it is absent or null.</summary>
    public ManifestFields? TakeMapping(string field) => Take(field) is { } node ? Of(PathOf(field), node) : null;

    /// <summary>Takes a list; null if it is absent or null, which some fields tell from an empty one.</summary>
    public IReadOnlyList<(string Path, YamlNode Node)>? TakeList(string field, int max)
    {
        if (Take(field) is not { } node)
        {
            return null;
        }

        var items = node.Items ?? throw new ManifestException(node.Line, PathOf(field), "must be a list");
        return items.Count <= max
            ? [.. items.Select((item, i) => (string.Create(CultureInfo.InvariantCulture, $"{PathOf(field)}[{i}]"), item))]
            : throw new ManifestException(node.Line, PathOf(field), $"has {items.Count} items, at most {max} are accepted");
    }

    /// <summary>Takes a list of texts; null if it is absent or null.</summary>
    public IReadOnlyList<string>? TakeTexts(string field, int max) =>
        TakeList(field, max)?.Select(item => TextOf(item.Path, item.Node)).ToList();

    /// <summary>Takes a text; null if it is absent or null.</summary>
    public string? TakeText(string field) => Take(field) is { } node ? TextOf(PathOf(field), node) : null;

    /// <summary>Takes true or false; null if it is absent or null.</summary>
    public bool? TakeBoolean(string field) => TakeText(field) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => throw Refuse(field, "must be true or false"),
    };

    /// <summary>Takes a number; null if it is absent or null.</summary>
    public int? TakeNumber(string field, int min, int max) => TakeText(field) switch
    {
        null => null,
        { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max => number,
        _ => throw Refuse(field, $"must be a number from {min} to {max}"),
    };

    /// <summary>Takes a mapping of texts, a null value being empty; none if it is absent or null.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> TakeTextMapping(string field)
    {
        if (TakeMapping(field) is not { } mapping)
        {
            return [];
        }

        return [.. mapping._fields.Select(pair =>
            KeyValuePair.Create(pair.Key, pair.Value.IsNull ? string.Empty : TextOf(mapping.PathOf(pair.Key), pair.Value)))];
    }

    /// <summary>Takes fields that mean nothing here, whatever they hold.</summary>
    public void Ignore(params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            _fields.Remove(field);
        }
    }

    /// <summary>Refuses what has not been taken; a field without a value says nothing and is no matter.</summary>
    /// <exception cref="ManifestException">There is something.</exception>
    public void RefuseRest()
    {
        foreach (var (key, node) in _fields.Where(field => !field.Value.IsNull))
        {
            throw new ManifestException(node.Line, PathOf(key), "is not supported; take it out, or nothing of this file can be applied");
        }
    }

    /// <summary>An error about a field here, or with an empty name about the mapping.</summary>
    public ManifestException Refuse(string field, string problem) => new(Line, field.Length == 0 ? Path : PathOf(field), problem);

    private static string TextOf(string path, YamlNode node) =>
        node.Text ?? throw new ManifestException(node.Line, path, "must be one value, not a list or a mapping");
}
