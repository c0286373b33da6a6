using System.Text.RegularExpressions;
using KvStoreMesh.Architecture.Repository;

namespace KvStoreMesh.Architecture;

/// <summary>The rooms' DESIGN.md exist and speak of what exists.</summary>
public sealed partial class DesignTests
{
    private static readonly string[] RoomsWithDesign = ["src/Core", "src/Actors", "src/Replicator", "src/NodeAgent"];

    private static readonly TextFile[] Designs =
        [.. Tree.Files.Where(file => Path.GetFileName(file.Name) == "DESIGN.md" && file.IsBelow("src"))];

    [Fact]
    public void Rooms_explain_themselves() => Rule.Holds(
        "A room without its DESIGN.md:",
        "write down role, flow, invariants with the tests that hold them, what breaks and what the user sees then.",
        RoomsWithDesign.Select(room => $"{room}/DESIGN.md").Except(Designs.Select(design => design.Name)));

    [Fact]
    public void Prose_names_only_what_exists()
    {
        var words = Words(Tree.Files.Where(file => file.Extension is ".cs" or ".proto" or ".c" or ".h" or ".csproj"));
        Rule.Holds(
            "A DESIGN.md names what is not in the source:",
            "say it with the name of today, or take the sentence out.",
            from design in Designs
            from match in Name().Matches(design.Text)
            let name = match.Groups["name"].Value
            where name.Count(char.IsUpper) >= 2 && name.Any(char.IsLower) && !words.Contains(name)
            select $"{name} ({design.Name})");
    }

    [Fact]
    public void An_invariant_that_prose_promises_is_tested()
    {
        var words = Words(Tree.CSharp("tests").Where(file => !file.IsBelow("tests/Architecture")));
        Rule.Holds(
            "A DESIGN.md promises an invariant that no test names:",
            "name it in the test that holds it, as I1 in a test's name or comment, or do not promise it.",
            from design in Designs
            from match in Invariant().Matches(design.Text)
            where !words.Contains(match.Value)
            select $"{match.Value} ({design.Name})");
    }

    private static HashSet<string> Words(IEnumerable<TextFile> files) =>
        [.. files.SelectMany(file => Word().Matches(file.Text)).Select(match => match.Value)];

    // Names of tests are sentences: I1_applied_revisions_increase speaks of I1.
    [GeneratedRegex("[A-Za-z0-9]+")]
    private static partial Regex Word();

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z0-9]*)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"\bI\d+\b")]
    private static partial Regex Invariant();
}
