using Xunit;

namespace KvStoreMesh.TestSupport.Kernel;

/// <summary>A fact about the real kernel. Where eBPF cannot be used it is skipped with the reason; with REQUIRE_BPF=1 or CI=true it runs and fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BpfFactAttribute : FactAttribute
{
    public BpfFactAttribute()
    {
        if (!KernelPrerequisites.Required && KernelPrerequisites.Missing is { } reason)
        {
            Skip = reason;
        }
    }
}
