using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KvStoreMesh.NodeAgent.Manifests;

/// <summary>
/// Reads the documents of a YAML or JSON text into nodes with their lines. By the parser's events and not by YamlDotNet's models: those
/// need reflection or recurse without limit. Aliases are refused, since a few of them make a small text large.
/// </summary>
internal sealed class YamlDocuments
{
    private const int MaxDepth = 32;
    private const int MaxNodes = 100_000;

    private readonly IParser _parser;
    private int _nodes;

    private YamlDocuments(IParser parser) => _parser = parser;

    /// <summary>The documents that hold something.</summary>
    /// <exception cref="ManifestException">It is no YAML, or too much of it.</exception>
    public static IReadOnlyList<YamlNode> Read(string text)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            return new YamlDocuments(parser).ReadAll();
        }
        catch (YamlException error)
        {
            throw new ManifestException(error.End.Line, string.Empty, $"is no valid YAML: {error.Message.TrimEnd('.')}");
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            // YamlDotNet's way to refuse a few malformed texts.
            throw new ManifestException(parser.Current?.End.Line ?? 1, string.Empty, "is no valid YAML: look for an open quote, bracket or tag");
        }
    }

    private List<YamlNode> ReadAll()
    {
        List<YamlNode> documents = [];
        _parser.Consume<StreamStart>();
        while (_parser.TryConsume<DocumentStart>(out _))
        {
            if (ReadNode(0) is { IsNull: false } document)
            {
                documents.Add(document);
            }

            _parser.Consume<DocumentEnd>();
        }

        return documents;
    }

    private YamlNode ReadNode(int depth)
    {
        var line = _parser.Current?.Start.Line ?? 1;
        if (depth > MaxDepth || ++_nodes > MaxNodes)
        {
            throw new ManifestException(
                line, string.Empty, depth > MaxDepth ? $"is nested deeper than {MaxDepth} levels" : $"has more than {MaxNodes} values; split the file");
        }

        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            var isNull = scalar is { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" };
            return new() { Line = line, Text = isNull ? null : scalar.Value };
        }

        if (_parser.TryConsume<SequenceStart>(out _))
        {
            List<YamlNode> items = [];
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(ReadNode(depth + 1));
            }

            return new() { Line = line, Items = items };
        }

        if (_parser.TryConsume<MappingStart>(out _))
        {
            return new() { Line = line, Fields = ReadFields(depth) };
        }

        throw new ManifestException(line, string.Empty, "has an alias (*name), which is not supported: write the value out");
    }

    private List<KeyValuePair<string, YamlNode>> ReadFields(int depth)
    {
        List<KeyValuePair<string, YamlNode>> fields = [];
        HashSet<string> seen = [];
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var line = _parser.Current?.Start.Line ?? 1;
            if (!_parser.TryConsume<Scalar>(out var key))
            {
                throw new ManifestException(line, string.Empty, "has a key that is not plain text");
            }

            if (!seen.Add(key.Value))
            {
                throw new ManifestException(line, key.Value, "stands twice in one mapping: remove one of them");
            }

            fields.Add(new(key.Value, ReadNode(depth + 1)));
        }

        return fields;
    }
}
