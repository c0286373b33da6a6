using System.Text.RegularExpressions;
using CsCheck;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.TestSupport.Golden;

namespace KvStoreMesh.Core.Tests.Clusters;

public sealed partial class ClusterNameTests
{
    [GoldenFact]
    public void Cilium_s_examples_are_judged_as_Cilium_does()
    {
        var names = GoldenVectors.Load("35").GetProperty("expect").GetProperty("names");
        Assert.All(names.GetProperty("valid").EnumerateArray(), name => Assert.True(ClusterName.TryParse(name.GetString(), out _, out _)));
        Assert.All(names.GetProperty("invalid").EnumerateArray(), name => Assert.False(ClusterName.TryParse(name.GetString(), out _, out _)));
    }

    [Fact]
    public void Exactly_the_names_of_Cilium_s_pattern_are_valid() =>
        Gen.String[Gen.Char["ab09-Z_."], 0, 34].Sample(text =>
            ClusterName.TryParse(text, out var name, out var error)
                ? Pattern().IsMatch(text) && text.Length <= 32 && name.Value == text
                : (!Pattern().IsMatch(text) || text.Length > 32) && error.Length > 0);

    [GeneratedRegex(@"\A([a-z0-9][-a-z0-9]*)?[a-z0-9]\z")]
    private static partial Regex Pattern();
}
