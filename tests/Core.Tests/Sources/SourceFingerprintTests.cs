using CsCheck;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Tests.Sources;

public sealed class SourceFingerprintTests
{
    private static readonly Gen<(int Kind, string Name, byte[] Value, int Mod, int Create)> Keys =
        Gen.Select(Gen.Int[1, 7], Gen.String, Gen.Byte.Array[0, 40], Gen.Int[1, 9], Gen.Int[1, 9]);

    [Theory]
    [InlineData("", "", 3786309617189781646UL)]
    [InlineData("ns/echo", "{}", 18373775244373718805UL)]
    [InlineData("10.0.0.1", "more than eight bytes", 3436844288074896192UL)]
    public void It_never_changes_as_databases_and_other_daemons_hold_it(string name, string value, ulong expected) =>
        Assert.Equal(expected, Of(ResourceKind.Services, name, System.Text.Encoding.UTF8.GetBytes(value), 7, 5));

    [Fact]
    public void Whatever_differs_has_another_one() => Gen.Select(Keys, Keys).Sample((a, b) =>
    {
        var same = (a.Kind, a.Name, a.Mod, a.Create) == (b.Kind, b.Name, b.Mod, b.Create) && a.Value.SequenceEqual(b.Value);
        Assert.Equal(same, Of(a) == Of(b));
        Assert.NotEqual(Of(a), Of((ResourceKind)a.Kind, a.Name, null, a.Mod, a.Create));
        Assert.Equal(Of(a), Of((a.Kind, a.Name, [.. a.Value], a.Mod, a.Create)));
    });

    [Fact]
    public void A_long_name_is_taken_whole()
    {
        var name = new string('n', 2_000);
        Assert.NotEqual(Of(ResourceKind.Nodes, name + "a", [], 1, 1), Of(ResourceKind.Nodes, name + "b", [], 1, 1));
    }

    private static ulong Of((int Kind, string Name, byte[] Value, int Mod, int Create) key) =>
        Of((ResourceKind)key.Kind, key.Name, key.Value, key.Mod, key.Create);

    private static ulong Of(ResourceKind kind, string name, byte[]? value, long mod, long create) =>
        SourceFingerprint.Of(new(kind, name), value, mod, create);
}
