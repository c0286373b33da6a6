namespace KvStoreMesh.Architecture;

/// <summary>Asserts a rule of the house and, if it is broken, names who breaks it and the way out.</summary>
internal static class Rule
{
    public static void Holds(string rule, string wayOut, IEnumerable<string> offenders)
    {
        var list = offenders.Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(list.Count == 0, $"{rule}\n  {string.Join("\n  ", list)}\nThe way out: {wayOut}");
    }
}
