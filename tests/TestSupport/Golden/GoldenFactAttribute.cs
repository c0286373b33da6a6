using Xunit;

namespace KvStoreMesh.TestSupport.Golden;

/// <summary>A fact about <see cref="GoldenVectors"/> known by number: skipped with a reason where there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GoldenFactAttribute : FactAttribute
{
    /// <summary>Looks for the vectors.</summary>
    public GoldenFactAttribute() => Skip = GoldenVectors.MissingSet;
}
