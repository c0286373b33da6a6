using Xunit;

namespace KvStoreMesh.TestSupport.Golden;

/// <summary>A test that needs <see cref="GoldenVectors"/> and is skipped where there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GoldenFactAttribute : FactAttribute
{
    /// <summary>Looks for the vectors.</summary>
    public GoldenFactAttribute()
    {
        if (GoldenVectors.Location is null)
        {
            Skip = $"no golden vectors: neither ../shared/golden beside the repository nor {GoldenVectors.Variable}";
        }
    }
}
