using System.Text.RegularExpressions;

namespace KvStoreMesh.Architecture.Repository;

/// <summary>A file that people read.</summary>
/// <param name="Name">Relative to the root, with slashes.</param>
/// <param name="Text">Its content.</param>
internal sealed partial record TextFile(string Name, string Text)
{
    private static readonly HashSet<string> TextExtensions =
    [
        "", ".cs", ".csproj", ".props", ".sln", ".c", ".h", ".proto", ".md", ".sh", ".yml", ".yaml", ".json", ".txt", ".html", ".css", ".js",
        ".editorconfig", ".gitignore", ".gitattributes", ".conf", ".toml",
    ];

    /// <summary>With the dot.</summary>
    public string Extension => Path.GetExtension(Name);

    /// <summary>The directories from the root to the file.</summary>
    public string[] Folders => Name.Split('/')[..^1];

    /// <summary>Written by a tool, which says so at the top.</summary>
    public bool IsGenerated => Name.EndsWith(".g.cs", StringComparison.Ordinal)
        || Text.AsSpan(0, Math.Min(Text.Length, 400)).Contains("auto-generated", StringComparison.OrdinalIgnoreCase);

    /// <summary>The number of lines.</summary>
    public int Length => Text.AsSpan().TrimEnd('\n').Count('\n') + 1;

    /// <summary>The names of all types it declares, nested ones included.</summary>
    public IEnumerable<string> DeclaredTypes => Declaration().Matches(Text).Select(match => match.Groups["name"].Value);

    /// <summary>The names of its public types that are not nested in others.</summary>
    public IEnumerable<string> PublicTopLevelTypes =>
        Declaration().Matches(Text).Where(match => match.Value.StartsWith("public", StringComparison.Ordinal))
            .Select(match => match.Groups["name"].Value);

    /// <summary>The namespace of the file; null if it has none.</summary>
    public string? Namespace => NamespaceLine().Match(Text) is { Success: true } match ? match.Groups["name"].Value : null;

    public static bool IsText(string name) => TextExtensions.Contains(Path.GetExtension(name));

    public bool IsBelow(string directory) => Name.StartsWith(directory + "/", StringComparison.Ordinal);

    /// <summary>The lines a pattern matches, as <c>file:line: text</c>.</summary>
    public IEnumerable<string> LinesWith(Regex pattern) => Text.Split('\n')
        .Select((line, i) => (line, number: i + 1))
        .Where(x => pattern.IsMatch(x.line))
        .Select(x => $"{Name}:{x.number}: {x.line.Trim()}");

    // Namespaces are file-scoped, so only nested types are indented.
    [GeneratedRegex(
        @"^[ \t]*(?:(?:public|internal|private|protected|file|static|sealed|abstract|readonly|ref|partial|unsafe|new)\s+)*" +
        @"(?:record\s+struct|record\s+class|class|record|struct|interface|enum|delegate\s+[\w<>\[\]?., ]+?)\s+(?<name>[A-Z]\w*)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}
