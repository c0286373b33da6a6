using Xunit;

namespace KvStoreMesh.TestSupport.Golden;

/// <summary>A theory that needs <see cref="GoldenVectors"/> known by number and is skipped where there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GoldenTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks for the vectors.</summary>
    public GoldenTheoryAttribute() => Skip = GoldenVectors.MissingSet;
}
