using System.Globalization;
using System.Net;
using KvStoreMesh.Core.Sources;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KvStoreMesh.Etcd.Configuration;

/// <summary>Reads typed values off a YAML event stream and says file, line and key when one has the wrong type.</summary>
/// <remarks>
/// Works on events, not on YamlDotNet's document model: that one is built by recursion, which a file of brackets turns into a
/// stack overflow, and it does not know lines once a value is converted.
/// </remarks>
internal sealed class YamlReader(string path, IParser parser)
{
    private const int MaxDepth = 32;

    /// <summary>The line of the next event, from 1.</summary>
    public int Line => (int)(parser.Current?.Start.Line ?? 1);

    /// <summary>Runs a reading; a syntax error becomes a <see cref="SourceException"/>.</summary>
    public static T Read<T>(string path, string text, Func<YamlReader, T> read)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            return read(new YamlReader(path, parser));
        }
        catch (YamlException e)
        {
            // The parser's own messages are fixed texts that never quote the input.
            throw Invalid(path, e.End.Line, $"{e.Message.TrimEnd('.')}; indent with spaces only and write 'key: value'");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // YamlDotNet's way to refuse a few malformed texts; its messages may quote them.
            throw Invalid(path, parser.Current?.End.Line ?? 1, "look for an open quote, bracket or tag; indent with spaces only");
        }
    }

    /// <summary>Goes to the first document's content.</summary>
    /// <returns>False if there is none.</returns>
    public bool TryBeginDocument()
    {
        parser.Consume<StreamStart>();
        return parser.TryConsume<DocumentStart>(out _) && parser.Current is not Scalar { Value: "" };
    }

    /// <summary>Reads a mapping: <paramref name="read"/> is called for each key and reads its value.</summary>
    public void ReadMapping(string what, Action<string, int> read)
    {
        if (!parser.TryConsume<MappingStart>(out _))
        {
            throw Error(Line, what, "must be a mapping of 'key: value' lines");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var line = Line;
            if (!parser.TryConsume<Scalar>(out var key))
            {
                throw Error(line, what, "has a key that is not plain text");
            }

            if (!seen.Add(key.Value))
            {
                throw Error(line, what, "has a key that stands in it twice: remove one of them");
            }

            read(key.Value, line);
        }
    }

    /// <summary>Reads a sequence: <paramref name="read"/> is called at each item and reads it.</summary>
    public void ReadSequence(string key, int max, Action read)
    {
        if (IsNull())
        {
            return;
        }

        if (!parser.TryConsume<SequenceStart>(out _))
        {
            throw Error(Line, key, "must be a list, each item on its own line after '- '");
        }

        for (var count = 0; !parser.TryConsume<SequenceEnd>(out _); count++)
        {
            if (count == max)
            {
                throw Error(Line, key, $"has more than {max} items");
            }

            read();
        }
    }

    /// <summary>Reads a text; null if the value is null or empty.</summary>
    public string? ReadText(string key)
    {
        var line = Line;
        if (IsNull())
        {
            return null;
        }

        if (!parser.TryConsume<Scalar>(out var scalar))
        {
            throw Error(line, key, "must be one value, not a list or a mapping");
        }

        return scalar.Value.Length == 0 ? null : scalar.Value;
    }

    /// <summary>Reads a boolean as YAML 1.1 and Go write it.</summary>
    public bool ReadBoolean(string key)
    {
        var line = Line;
        return ReadText(key)?.ToLowerInvariant() switch
        {
            null or "false" or "no" or "off" => false,
            "true" or "yes" or "on" => true,
            _ => throw Error(line, key, "must be true or false"),
        };
    }

    /// <summary>Reads a duration as Go writes it: nanoseconds. Zero and null are no duration.</summary>
    public TimeSpan? ReadNanoseconds(string key)
    {
        var line = Line;
        return ReadText(key) switch
        {
            null => null,
            { } text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) =>
                value == 0 ? null : TimeSpan.FromTicks(value / 100),
            _ => throw Error(line, key, "must be a number of nanoseconds, for example 15000000000 for 15 s"),
        };
    }

    /// <summary>Reads an IP address.</summary>
    public IPAddress ReadAddress(string key)
    {
        var line = Line;
        return IPAddress.TryParse(ReadText(key), out var address) ? address : throw Error(line, key, "must be an IP address");
    }

    /// <summary>Passes over a value of any kind.</summary>
    public void Skip(string what)
    {
        var depth = 0;
        do
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > MaxDepth)
            {
                throw Error(Line, what, $"is nested deeper than {MaxDepth} levels");
            }

            parser.MoveNext();
        }
        while (depth > 0);
    }

    /// <summary>An error at a line.</summary>
    public SourceException Error(int line, string key, string problem) =>
        new(SourcePhase.Configuration, $"{path}:{line}: {key} {problem}");

    private static SourceException Invalid(string path, long line, string problem) =>
        new(SourcePhase.Configuration, $"{path}:{line}: not valid YAML: {problem}");

    private bool IsNull()
    {
        if (parser.Current is not Scalar { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" })
        {
            return false;
        }

        parser.MoveNext();
        return true;
    }
}
