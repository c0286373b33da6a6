using System.Text.RegularExpressions;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Golden.Mesh;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>The keys that Cilium's public mock writes: each template is one that we mirror, under the same key.</summary>
internal sealed partial class GeneratorVectors(GoldenCase golden)
{
    public GoldenCheck? Check(string name) => name switch
    {
        "" => null,
        "keys" => new(name, KeysAreMirrored),
        "canaries" => new(name, CanariesAreKnown),
        "not_written" => new(name, NothingElseIsOffered),
        "heartbeat" => new(name, () => Assert.StartsWith(CiliumKeys.Heartbeat, golden.Expect.GetProperty(name).GetString()!, StringComparison.Ordinal)),
        "order" => GoldenCheck.NotApplicable(name, "of the generator"),
        _ => null,
    };

    private GoldenPair ConfigPair => golden.Pairs.Single(pair => pair.IsConfig);

    private SourceLayout Layout()
    {
        Assert.True(CiliumClusterConfig.TryParse(ConfigPair.Value, out var config, out var error), error);
        return new SourceLayout(ClusterName.Parse(ConfigPair.Cluster!), config.Capabilities);
    }

    private void KeysAreMirrored()
    {
        var mesh = new GoldenMesh();
        var source = mesh.Source(ClusterName.Parse(ConfigPair.Cluster!));
        source.Etcd.Put(ConfigPair.Key, ConfigPair.Value);
        var keys = Texts("keys").Select(template => Placeholder().Replace(template, "1")).ToList();
        keys.ForEach(key => source.Etcd.Put(key, "value"));
        Texts("canaries").ForEach(key => source.Etcd.Put(key, "now"));
        Assert.True(source.Resync());
        Assert.Equal(keys.Order(StringComparer.Ordinal), mesh.LocalData().Keys.Order(StringComparer.Ordinal));
    }

    private void CanariesAreKnown() => Assert.All(Texts("canaries"), key => Assert.True(Layout().TryMapCanary(key, out _), key));

    private void NothingElseIsOffered()
    {
        foreach (var resource in Texts("not_written").Select(text => text.Split(' ')[0]))
        {
            Assert.DoesNotContain(Layout().Resources, kind => kind.ToString().Equals(resource, StringComparison.OrdinalIgnoreCase));
        }
    }

    private List<string> Texts(string name) => [.. golden.Expect.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];

    [GeneratedRegex("<[^>]*<<[^>]*>|<[^>]*>")]
    private static partial Regex Placeholder();
}
