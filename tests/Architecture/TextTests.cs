using System.Text.RegularExpressions;
using KvStoreMesh.Architecture.Repository;

namespace KvStoreMesh.Architecture;

/// <summary>What must not stand in any file.</summary>
public sealed partial class TextTests
{
    [Fact]
    public void Nothing_is_left_for_later() => Rule.Holds(
        "Something was left for later:",
        "do it, or take it out; what is planned stands in an issue.",
        from file in Tree.Files
        where file.IsBelow("src") || file.IsBelow("protos")
        from line in file.LinesWith(LeftForLater())
        select line);

    [Fact]
    public void No_file_knows_the_machine_it_was_written_on() => Rule.Holds(
        "A path or a package feed that exists on one machine only:",
        "find the place from the repository's root, an option or an environment variable.",
        from file in Tree.Files
        from line in file.LinesWith(MachinePath())
        select line);

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|NotImplementedException)\b|\b(?i:for now)\b")]
    private static partial Regex LeftForLater();

    [GeneratedRegex(@"(?<![\w.~-])/(?:work|root|home|Users)/|\bshared/(?:reference)/|/v3/index[.]json")]
    private static partial Regex MachinePath();
}
