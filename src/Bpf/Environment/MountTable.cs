namespace KvStoreMesh.Bpf.Environment;

/// <summary>The lines of <c>/proc/self/mountinfo</c>, as far as they matter here.</summary>
internal static class MountTable
{
    public static IReadOnlyList<string> MountPointsOf(string fileSystemType) =>
        MountPointsOf(File.ReadLines("/proc/self/mountinfo"), fileSystemType);

    /// <summary>
    /// Mount points of a file system type whose whole tree is mounted ("/" as root comes first), in the table's order.
    /// A line reads: id parent major:minor root mount-point options [optional fields] - type source super-options.
    /// </summary>
    public static IReadOnlyList<string> MountPointsOf(IEnumerable<string> lines, string fileSystemType)
    {
        var whole = new List<string>();
        var parts = new List<string>();
        foreach (string line in lines)
        {
            string[] fields = line.Split(' ');
            int dash = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
            if (dash > 0 && dash + 1 < fields.Length && fields[dash + 1] == fileSystemType)
            {
                (fields[3] == "/" ? whole : parts).Add(Unescape(fields[4]));
            }
        }

        return [.. whole, .. parts];
    }

    // The kernel writes blanks, tabs, line ends and backslashes in octal.
    private static string Unescape(string field) => field
        .Replace("\\040", " ", StringComparison.Ordinal)
        .Replace("\\011", "\t", StringComparison.Ordinal)
        .Replace("\\012", "\n", StringComparison.Ordinal)
        .Replace("\\134", "\\", StringComparison.Ordinal);
}
