namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>
/// <c>{self}</c> in <c>--cgroup-root</c>: this process's own cgroup, below the hierarchy that is mounted before it. In a container
/// its name is not known beforehand.
/// </summary>
internal static class OwnCgroup
{
    /// <summary>What stands for it.</summary>
    public const string Placeholder = "{self}";

    private const string Version2 = "0::";

    /// <summary>Puts it in; a path without the placeholder stays as it is.</summary>
    /// <param name="path">The path given.</param>
    /// <param name="processCgroups">The lines of <c>/proc/self/cgroup</c>, asked for only if needed.</param>
    /// <exception cref="IOException">The process is in no cgroup2.</exception>
    public static string? Expand(string? path, Func<IEnumerable<string>> processCgroups)
    {
        if (path?.Contains(Placeholder, StringComparison.Ordinal) != true)
        {
            return path;
        }

        var own = processCgroups().FirstOrDefault(line => line.StartsWith(Version2, StringComparison.Ordinal))
            ?? throw new IOException($"--cgroup-root {path}: this process is in no cgroup2; give a directory of a cgroup2 hierarchy");
        return Path.GetFullPath(path.Replace(Placeholder, own[Version2.Length..].TrimStart('/'), StringComparison.Ordinal));
    }
}
