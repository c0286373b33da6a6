using System.Globalization;
using KvStoreMesh.Replicator.Options;

namespace KvStoreMesh.Replicator.Commands;

/// <summary>The given flags with their values, in order; a flag without a value has <c>true</c>. An empty value counts as not given.</summary>
/// <param name="values">By name.</param>
internal sealed class FlagValues(IReadOnlyDictionary<string, IReadOnlyList<string>> values)
{
    /// <summary>Every value of a flag.</summary>
    public IReadOnlyList<string> All(string option) => values.GetValueOrDefault(option) ?? [];

    /// <summary>A directory that must exist.</summary>
    public string? ExistingDirectory(string option) => Last(option) is not { Length: > 0 } path
        ? null
        : Directory.Exists(path) ? path : throw new OptionException(option, $"the directory {path} does not exist");

    /// <summary>A file that must exist.</summary>
    public string? ExistingFile(string option) => Last(option) is not { Length: > 0 } path
        ? null
        : File.Exists(path) ? path : throw new OptionException(option, $"the file {path} does not exist");

    /// <summary>Where to listen.</summary>
    public ListenAddress? Address(string option) => Last(option) is not { Length: > 0 } text
        ? null
        : ListenAddress.TryParse(text, out var address) ? address : throw new OptionException(option, $"'{text}' {ListenAddress.Rule}");

    /// <summary>A duration in Go's syntax.</summary>
    public TimeSpan? Duration(string option) => Last(option) is not { } text
        ? null
        : GoDuration.TryParse(text, out var duration) ? duration : throw new OptionException(option, $"'{text}' {GoDuration.Rule}");

    /// <summary>A limit; 0 for none.</summary>
    public long Limit(string option) => Last(option) is not { Length: > 0 } text
        ? 0
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : throw new OptionException(option, $"'{text}' must be a number, 0 for no limit");

    /// <summary>A switch.</summary>
    public bool Flag(string option) => Last(option) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new OptionException(option, "must be true or false"),
    };

    /// <summary>The last value given; it wins.</summary>
    public string? Last(string option) => values.TryGetValue(option, out var given) && given.Count > 0 ? given[^1] : null;
}
