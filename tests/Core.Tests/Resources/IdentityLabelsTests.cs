using System.Text;
using CsCheck;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.Core.Tests.Resources;

public sealed class IdentityLabelsTests
{
    [Theory]
    [InlineData("k8s:app=baz", "k8s", "app", "baz")]
    [InlineData("k8s:app", "k8s", "app", "")]
    [InlineData("k8s:app=", "k8s", "app", "")]
    [InlineData("app=baz", "unspec", "app", "baz")]
    [InlineData(":app=baz", "unspec", "app", "baz")]
    [InlineData("k8s:app==b=z", "k8s", "app", "=b=z")]
    [InlineData("app=a:b", "app=a", "b", "")]
    [InlineData("$host", "reserved", "host", "")]
    [InlineData("$host=", "reserved", "host", "")]
    [InlineData("reserved.host", "reserved", "host", "")]
    [InlineData("reserved:host", "reserved", "host", "")]
    [InlineData("reserved:=host", "reserved", "host", "")]
    [InlineData("cidr:10.0.0.0/8=", "cidr", "10.0.0.0/8", "")]
    public void A_label_is_split_where_Cilium_splits_it(string text, string source, string key, string value) =>
        Assert.Equal(new IdentityLabel(source, key, value), IdentityLabel.Parse(text));

    [Fact]
    public void Labels_with_different_keys_survive_writing_and_parsing() => Labels().Sample(labels =>
    {
        var sorted = labels.OrderBy(label => label.Key, StringComparer.Ordinal).ToList();
        var text = string.Concat(sorted.Select(label => $"{label};"));
        var parsed = Parse(text);
        Assert.Equal(sorted, parsed.Labels);
        Assert.Equal(text, parsed.ToString());
        Assert.Equal(text, Parse(string.Concat(labels.Select(label => $"{label};"))).ToString());
    });

    [Fact]
    public void Keys_are_sorted_by_their_bytes() =>
        Assert.Equal("k8s:Z=;k8s:a=;k8s:\uE000=;k8s:😀=;", Parse("k8s:😀=;k8s:\uE000=;k8s:a=;k8s:Z=;").ToString());

    [Fact]
    public void Labels_without_a_key_are_left_out() => Assert.Empty(Parse(";;k8s:=x;k8s:;$;").Labels);

    [Theory]
    [InlineData("5", "identity 5 is not one of cluster ID 5, which are 327680 to 393215")]
    [InlineData("0x50000", "'0x50000' is not the number of an identity")]
    [InlineData("", "'' is not the number of an identity")]
    [InlineData("327680/x\n", "'327680/x\uFFFD' is not the number of an identity")]
    [InlineData("327680", null)]
    public void The_number_is_one_of_the_cluster(string keyName, string? problem) =>
        Assert.Equal(problem, Parse($"k8s:{IdentityLabels.ClusterKey}=foo;").Validate(ClusterName.Parse("foo"), 5, 255, keyName));

    [Fact]
    public void An_empty_text_and_an_endless_one_are_errors()
    {
        Assert.False(IdentityLabels.TryParse([], out _, out var error));
        Assert.Equal("the value is empty", error);
        Assert.False(IdentityLabels.TryParse(new byte[(3 << 19) + 1], out _, out error));
        Assert.Equal("the value has 1572865 bytes, at most 1572864 are accepted", error);
    }

    private static IdentityLabels Parse(string text)
    {
        Assert.True(IdentityLabels.TryParse(Encoding.UTF8.GetBytes(text), out var labels, out var error), error);
        return labels;
    }

    private static Gen<IdentityLabel[]> Labels() =>
        Gen.Select(Word("k8s-"), Word("abz./%\\"), Word("x=y:$.")).Array[1, 6].Select(labels => labels
            .Where(label => label.Item1.Length > 0 && label.Item2.Length > 0)
            .DistinctBy(label => label.Item2)
            .Select(label => new IdentityLabel(label.Item1, label.Item2, label.Item3))
            .ToArray()).Where(labels => labels.Length > 0);

    private static Gen<string> Word(string letters) => Gen.Char[letters].Array[0, 5].Select(chars => new string(chars));
}
