using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>Numbers, labels and keys.</summary>
internal sealed partial class CodecVectors(GoldenCase golden)
{
    public GoldenCheck? Check(string name) => name switch
    {
        "" => null,
        "cluster0" => new(name, ClusterZero),
        "serialise" => new(name, Serialise),
        "parse" => new(name, Parse),
        "join" => GoldenCheck.NotApplicable(name, "our keys are built from constants and checked names: there is nothing to join freely"),
        "scope" => GoldenCheck.NotApplicable(name, "no metric of ours is labelled by a part of a key"),
        "state_to_cache" => new(name, StateToCache),
        _ when Max().Match(name) is { Success: true } max => new(name, () => Bits(name, uint.Parse(max.Groups[1].Value, null))),
        _ => null,
    };

    private void Bits(string name, uint max)
    {
        foreach (var example in golden.Expect.GetProperty(name).GetProperty("examples").EnumerateArray())
        {
            Assert.True(IdentityRange.TryCreate(example.GetProperty("cluster").GetUInt32(), max, out var range, out var error), error);
            if (example.TryGetProperty("min", out var first))
            {
                Assert.Equal(new IdentityRange(first.GetUInt32(), example.GetProperty("max").GetUInt32()), range);
            }
            else
            {
                var identity = example.GetProperty("identity").GetUInt32();
                Assert.True(range.Contains(identity) || NumericIdentity.IsReserved(identity), $"{identity} in {range}");
            }
        }
    }

    private void ClusterZero()
    {
        var zero = golden.Expect.GetProperty("cluster0");
        Assert.True(IdentityRange.TryCreate(0, 255, out var range, out var error), error);
        Assert.Equal(zero.GetProperty("min").GetUInt32(), Math.Max(range.First, NumericIdentity.FirstUnreserved));
        Assert.Equal(zero.GetProperty("max_shift16").GetUInt32(), range.Last);
    }

    private void Serialise()
    {
        var serialise = golden.Expect.GetProperty("serialise");
        var labels = serialise.GetProperty("labels").EnumerateArray().Select(label => new IdentityLabel(
            label.GetProperty("source").GetString()!, label.GetProperty("key").GetString()!, label.GetProperty("value").GetString()!));
        Assert.Equal(serialise.GetProperty("text").GetString(), new IdentityLabels([.. labels]).ToString());
    }

    private void Parse()
    {
        foreach (var item in golden.Expect.GetProperty("parse").EnumerateArray())
        {
            Assert.True(IdentityLabels.TryParse(Encoding.UTF8.GetBytes(item.GetProperty("text").GetString()!), out var labels, out var error), error);
            Assert.Equal(
                item.GetProperty("labels").EnumerateArray().Select(label => new IdentityLabel(label[0].GetString()!, label[1].GetString()!, label[2].GetString()!)),
                labels.Labels);
        }
    }

    // Cilium maps any text; with us only the resources' prefixes are mapped, and everything else is not mirrored.
    private void StateToCache()
    {
        foreach (var pair in golden.Expect.GetProperty("state_to_cache").EnumerateArray())
        {
            var (state, cache) = (Real(pair[0]), Real(pair[1]));
            var known = Enum.GetValues<ResourceKind>().Where(kind => kind != ResourceKind.ClusterConfig && ResourcePrefixes.State(kind) == state).ToList();
            Assert.Equal(state != cache, known.Count == 1);
            Assert.All(known, kind => Assert.Equal(cache, ResourcePrefixes.Cache(kind)));
        }
    }

    private static string Real(JsonElement text) => text.GetString()!.Replace("foo/bar", "services/v1", StringComparison.Ordinal);

    [GeneratedRegex("^max([0-9]+)$")]
    private static partial Regex Max();
}
