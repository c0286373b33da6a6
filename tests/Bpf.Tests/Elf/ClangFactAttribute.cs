using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.Elf;

/// <summary>A fact that needs Debian's clang 14. Skipped where it is not installed; in CI it runs and fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ClangFactAttribute : FactAttribute
{
    public ClangFactAttribute()
    {
        string[] path = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (!KernelPrerequisites.Required && !path.Any(directory => File.Exists(Path.Combine(directory, "clang-14"))))
        {
            Skip = "clang 14 is not installed; Debian 12: apt-get install clang";
        }
    }
}
