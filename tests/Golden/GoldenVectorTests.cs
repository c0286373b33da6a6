using KvStoreMesh.Golden.Kinds;
using KvStoreMesh.TestSupport.Golden;
using Xunit.Abstractions;

namespace KvStoreMesh.Golden;

/// <summary>
/// Every literal vector through our own code, from the source's etcd to the local one and to the agent's tables. What a
/// case expects is looked up by its kind and by the names in <c>expect</c>, never by its number or file.
/// </summary>
public sealed class GoldenVectorTests(ITestOutputHelper output)
{
    public static TheoryData<string> Cases => [.. GoldenVectors.Files];

    [GoldenCases]
    [MemberData(nameof(Cases))]
    public async Task Every_golden_expectation_holds(string file)
    {
        var golden = GoldenCase.Load(file);
        var checks = GoldenKinds.ChecksOf(golden);
        Assert.NotEmpty(checks);
        foreach (var check in checks)
        {
            output.WriteLine(check.NotHere is { } reason ? $"{check.Name}: not applicable: {reason}" : check.Name);
            await check.RunAsync();
        }
    }

    [Fact]
    public void An_unknown_golden_kind_or_expectation_is_named()
    {
        var kind = Assert.Throws<InvalidDataException>(() => GoldenKinds.ChecksOf(GoldenCase.Parse("x.json", """{"kind":"new","expect":{"a":1}}""")));
        Assert.Contains("x.json: kind 'new'", kind.Message, StringComparison.Ordinal);
        var name = Assert.Throws<InvalidDataException>(() => GoldenKinds.ChecksOf(GoldenCase.Parse("y.json", """{"kind":"codec","expect":{"a":1}}""")));
        Assert.Contains("y.json: expect.a of kind 'codec'", name.Message, StringComparison.Ordinal);
    }
}
