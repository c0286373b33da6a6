using Xunit;

namespace KvStoreMesh.TestSupport.Golden;

/// <summary>A fact about <see cref="GoldenVectors"/>: skipped with a reason where there are none, but not in CI, where it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GoldenFactAttribute : FactAttribute
{
    public GoldenFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = GoldenVectors.Missing;
        }
    }
}
