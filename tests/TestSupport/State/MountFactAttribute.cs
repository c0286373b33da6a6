using Xunit;

namespace KvStoreMesh.TestSupport.State;

/// <summary>A test that mounts a small file system: skipped without root, failing without it where <c>CI=true</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MountFactAttribute : FactAttribute
{
    public MountFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "mounting a tmpfs needs root";
        }
    }
}
