using KvStoreMesh.TestSupport.Golden;

namespace KvStoreMesh.Golden;

/// <summary>A theory over every golden case there is; skipped with a reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GoldenCasesAttribute : TheoryAttribute
{
    /// <summary>Looks for the vectors.</summary>
    public GoldenCasesAttribute() => Skip = GoldenVectors.Missing;
}
